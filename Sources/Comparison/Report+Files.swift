import Foundation
import Platform

extension Report {
  /// One line a measurement, RFC 4180 but for line feeds alone; empty where nothing was measured.
  public var csv: String {
    let columns = Score.CodingKeys.allCases
    let lines = scores.map { score in columns.map { Self.quoted(score.text($0)) }.joined(separator: ",") }
    return ([columns.map(\.rawValue).joined(separator: ",")] + lines).joined(separator: "\n") + "\n"
  }

  private static func quoted(_ field: String) -> String {
    let isPlain = !field.contains { $0 == "," || $0 == "\"" || $0.isNewline }
    return isPlain ? field : "\"" + field.replacing("\"", with: "\"\"") + "\""
  }

  /// Everything, for programs.
  public func json() throws -> Data {
    let encoder = JSONEncoder.records
    encoder.outputFormatting.insert(.prettyPrinted)
    let benches = sections.map { section in
      Document.Bench(
        head: section.head, rows: section.rows.map(Document.Line.init), correlations: section.correlations,
        against: section.paired?.name, differences: section.paired?.all)
    }
    return try encoder.encode(Document(benches: benches, measurements: scores, leftOut: faults))
  }

  private struct Document: Encodable {
    struct Bench: Encodable {
      let head: Head, rows: [Line], correlations: [Correlation]
      let against: String?, differences: [Paired]?
    }
    struct Line: Encodable {
      let method: String, steps: Int?
      let measurements: Int
      let means: [String: Spread]

      init(_ row: Row) {
        (method, steps, measurements) = (row.label, row.steps, row.scores.count)
        means = Dictionary(
          uniqueKeysWithValues: (Measure.quality + Measure.cost).compactMap { measure in
            row.spread(measure).map { (measure.key.rawValue, $0) }
          })
      }
    }
    let benches: [Bench], measurements: [Score], leftOut: [String]

    enum CodingKeys: String, CodingKey {
      case benches, measurements
      case leftOut = "left_out"
    }
  }
}

extension Score {
  /// A column of the CSV; figures in full.
  fileprivate func text(_ column: CodingKeys) -> String {
    func number(_ value: Double?) -> String { value.map { "\($0)" } ?? "" }
    return switch column {
    case .bench: bench
    case .picture: picture
    case .method: method
    case .checkpoint: checkpoint ?? ""
    case .steps: steps.map(String.init) ?? ""
    case .seed: seed.map(String.init) ?? ""
    case .imagePSNR: number(imagePSNR)
    case .imageSSIM: number(imageSSIM)
    case .kernelPSNR: number(kernelPSNR)
    case .covarianceDistance: number(covarianceDistance)
    case .reblurredPSNR: number(reblurredPSNR)
    case .noise: noise ?? ""
    case .seconds: number(seconds)
    case .megabytes: number(megabytes)
    case .enlargingSeconds: number(enlargingSeconds)
    case .enlargingMegabytes: number(enlargingMegabytes)
    case .covarianceBound: number(covarianceBound)
    case .isConfident: isConfident.map { $0 ? "1" : "0" } ?? ""
    case .crop: crop.map(String.init) ?? ""
    }
  }
}
