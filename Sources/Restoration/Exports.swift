// `import Restoration` alone reads a picture, shows its kernel and writes the result.
@_exported import BlurKernels
@_exported import Imaging
