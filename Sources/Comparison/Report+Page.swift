import Foundation
import Platform

extension Report {
  /// One page that needs nothing else: no network, no script, no mouse. Light or dark as the reader's system is.
  public func page(_ gallery: Gallery) -> String {
    let contents = sections.enumerated().map { index, section in
      "<li><a href=\"#b\(index)\">\(section.title.escaped)</a></li>"
    }
    let parts = sections.enumerated().map { html(of: $0.element, number: $0.offset, gallery: gallery) }
    return """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <title>Blur kernels compared</title>
      <style>\(Self.style)</style>
      </head>
      <body>
      <header><h1>Blur kernels compared</h1>\(sections.count > 1 ? "<nav><ul>\(contents.joined())</ul></nav>" : "")</header>
      <main>
      \(parts.joined(separator: "\n"))
      \(leftOut)
      </main>
      </body>
      </html>

      """
  }

  private var leftOut: String {
    if faults.isEmpty { return "" }
    let items = faults.map { "<li>\($0.escaped)</li>" }.joined()
    return "<section><h2>Left out</h2><ul>\(items)</ul></section>"
  }

  private func html(of section: Section, number index: Int, gallery: Gallery) -> String {
    var tables = section.tables.map(\.html)
    if let curve = Curve(section.rows) { tables.insert(curve.svg, at: min(1, tables.count)) }
    let strips = gallery.strips[section.head.bench] ?? []
    return """
      <section aria-labelledby="b\(index)">
      <h2 id="b\(index)">\(section.title.escaped)</h2>
      <p>\(section.introduction.escaped)</p>
      \(tables.joined(separator: "\n"))
      \(strips.isEmpty ? "" : shown(section, strips))
      </section>
      """
  }
}

extension Report {
  private func shown(_ section: Section, _ strips: [Gallery.Strip]) -> String {
    let isImages = section.head.enlarging != nil
    let note = isImages ? "; where edges are densest, with the kernel in the corner" : ""
    return """
      <h3>\(isImages ? "Pictures" : "Kernels")</h3>
      <p class="note">The first run of each method at its last number of steps\(note).</p>
      \(strips.map(\.html).joined(separator: "\n"))
      """
  }
}

extension Table {
  var html: String {
    func row(_ cells: [String], _ tag: String) -> String {
      cells.enumerated().map { index, cell in
        let isWords = index < wordColumns
        let name = index == 0 ? "th" : tag
        let scope = index == 0 && tag == "td" ? " scope=\"row\"" : tag == "th" ? " scope=\"col\"" : ""
        return "<\(name)\(scope)\(isWords ? " class=\"words\"" : "")>\(cell.escaped)</\(name)>"
      }.joined()
    }
    let lines = rows.map { "<tr\($0.isQuoted ? " class=\"quoted\"" : "")>\(row($0.cells, "td"))</tr>" }
    return """
      <h3>\(title.escaped)</h3>
      <div class="scroll" tabindex="0" role="region" aria-label="\(title.escaped)">
      <table>
      <thead><tr>\(row(header, "th"))</tr></thead>
      <tbody>
      \(lines.joined(separator: "\n"))
      </tbody>
      </table>
      </div>
      <p class="note">\(note.escaped)</p>
      """
  }
}

extension Gallery.Strip {
  var html: String {
    """
    <h4>\(name.escaped)</h4>
    <div class="scroll strip" tabindex="0" role="region" aria-label="\(name.escaped), side by side">
    \(cells.map(\.html).joined(separator: "\n"))
    </div>
    """
  }
}

extension Gallery.Cell {
  var html: String {
    let picture = picture.map { "<img class=\"crop\" alt=\"\" src=\"\($0.dataAddress)\">" }
    let kernel = kernel.map { "<img class=\"kernel\" alt=\"its kernel\" src=\"\($0.dataAddress)\">" }
    let figures = details.map { "<span>\($0.escaped)</span>" }.joined()
    return
      "<figure>\(picture ?? "")\(kernel ?? "")<figcaption>\(caption.escaped)\(figures)</figcaption></figure>"
  }
}

extension Data {
  /// Of a PNG inside a page.
  fileprivate var dataAddress: String { "data:image/png;base64," + base64EncodedString() }
}

extension String {
  /// As HTML text or attribute.
  var escaped: String {
    replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
      .replacing("\"", with: "&quot;")
  }
}
