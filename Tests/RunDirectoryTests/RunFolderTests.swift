import Foundation
import RunDirectory
import Testing

@Suite struct RunFolderTests {
  private let run: TemporaryRun
  private var folder: RunFolder { run.folder }

  init() throws { run = try TemporaryRun() }

  @Test func `creating twice does no harm`() throws {
    let deep = RunFolder(folder.path + "/a/b")
    for _ in 0..<2 { try deep.create() }
    #expect(try names(deep.path) == ["checkpoints", "events"])
  }

  @Test func `a file in the folder's place is an error`() throws {
    try folder.create()
    try put("", at: folder.log)
    #expect(
      errorText { try RunFolder(folder.log).create() }
        == "cannot create \"\(folder.log)\": File exists; check the path, its permissions and the disk")
  }

  @Test func `the configuration comes back as it was, or not at all`() throws {
    try folder.create()
    #expect(try folder.loadConfiguration() == nil)
    for text in ["steps: 100\n# café\r\n", ""] {
      try folder.saveConfiguration(text)
      #expect(try folder.loadConfiguration() == text)
    }
    try Data([0xff, 0xfe, 0xfd]).write(to: URL(filePath: folder.configuration))
    #expect(errorText(folder.loadConfiguration).contains("config.yaml\": it is not UTF-8 text; check"))
    try FileManager.default.removeItem(atPath: folder.configuration)
    try FileManager.default.createDirectory(atPath: folder.configuration, withIntermediateDirectories: false)
    #expect(errorText(folder.loadConfiguration).contains("config.yaml\": Is a directory; check"))
    #expect(errorText { try folder.saveConfiguration("") }.contains("cannot write"))
  }
}
