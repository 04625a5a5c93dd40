/// `text` in quotation marks for an error message. Text may come from a damaged file or from a peer, so it is cut after
/// `limit` characters, and control characters are escaped: the message stays one short line.
package func quoted(_ text: String, limit: Int = 200) -> String {
  let cut = text.count > limit ? text.prefix(limit) + "..." : text
  return "\"" + FileName.shown(cut.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")) + "\""
}
