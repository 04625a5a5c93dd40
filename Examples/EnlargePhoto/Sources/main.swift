// EnlargePhoto IN OUT.png: print a picture's blur kernel, and write the picture enlarged twofold.
import Restoration

let (input, output) = (CommandLine.arguments[1], CommandLine.arguments[2])
let picture = try Picture.read(input)
let restored = try Restorer().restore(picture, scale: 2)
let kernel = restored.kernel.kernel
print("\(kernel.side)x\(kernel.side) kernel, \(restored.kernel.source), noise level \(restored.noise)")
for row in 0..<kernel.side { print((0..<kernel.side).map { kernel[row, $0] }) }
try restored.picture.writePNG(output)
