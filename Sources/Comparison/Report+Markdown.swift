extension Report {
  public var markdown: String {
    let parts = sections.map { section in
      (["# \(section.title)", section.introduction] + section.tables.map(\.markdown)).joined(
        separator: "\n\n")
    }
    let left = faults.isEmpty ? [] : ["# Left out\n\n" + faults.map { "- \($0)" }.joined(separator: "\n")]
    return (parts + left).joined(separator: "\n\n") + "\n"
  }
}

extension Table {
  /// Columns as wide as their cells, so that it can be read as it is.
  var markdown: String {
    let lines = [header] + rows.map { $0.cells.map { $0.replacing("|", with: "\\|") } }
    let widths = header.indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
    func drawn(_ cells: [String]) -> String {
      let padded = cells.indices.map { column in
        let space = String(repeating: " ", count: widths[column] - cells[column].count)
        return column < wordColumns ? cells[column] + space : space + cells[column]
      }
      return "| " + padded.joined(separator: " | ") + " |"
    }
    let rule = header.indices.map { column in
      let dashes = String(repeating: "-", count: max(widths[column], 3) - 1)
      return column < wordColumns ? dashes + "-" : dashes + ":"
    }
    let text = [drawn(lines[0]), "| " + rule.joined(separator: " | ") + " |"] + lines.dropFirst().map(drawn)
    return "## \(title)\n\n" + text.joined(separator: "\n") + (note.isEmpty ? "" : "\n\n\(note)")
  }
}
