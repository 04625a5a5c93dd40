import Comparison
import Testing

@Suite("Names of results")
struct ResultNameTests {
  private let rule = ResultName(
    pictures: ["baboon", "a", "img_001", "house_x2"], scale: 2, method: "DANv2")

  @Test(arguments: [
    ("baboon", "baboon"), ("baboonx2", "baboon"), ("baboon_x2", "baboon"), ("baboon_X2_SR", "baboon"),
    ("baboon_kernel_x2", "baboon"), ("baboon_DANv2", "baboon"), ("baboon_danv2_x2", "baboon"),
    ("ZSSR_baboon", "baboon"), ("baboon-sr", "baboon"), ("baboon_ker", "baboon"), ("baboon_k", "baboon"),
    ("a_k", "a"), ("img_001_SR", "img_001"), ("house_x2", "house_x2"), ("house_x2_x2", "house_x2"),
  ])
  func `forms that are matched`(stem: String, picture: String) { #expect(rule.picture(of: stem) == picture) }

  /// Another scale's result, another picture, and names that only begin alike are nobody's.
  @Test(arguments: ["baboon_x4", "baboons", "house", "b", "", "x2", "_x2", "baboon_kernel_x3", "img_001b"])
  func `others are not`(stem: String) { #expect(rule.picture(of: stem) == nil) }
}
