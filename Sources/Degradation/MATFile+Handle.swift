internal import CMatio
import Foundation

extension MATFile {
  /// An open file of libmatio; closes it at the end of its life, or sooner by `close` to learn whether that
  /// went well. Every return code becomes an error here.
  final class Handle {
    private var file: OpaquePointer?
    /// The file's name in errors: what the user asked for, not the draft.
    private let path: String
    /// Far above any kernel, and far below what a damaged header can claim.
    private static let largestSide = 1023

    init(reading path: String) throws(DegradationError) {
      self.path = path
      file = Mat_Open(path, Int32(MAT_ACC_RDONLY.rawValue))
      guard file != nil else {
        throw .unreadable(path: path, reason: MATLog.complaint(or: "it is not a MATLAB file"))
      }
    }

    init(creating draft: String, for path: String) throws(DegradationError) {
      self.path = path
      // A text of our own: libmatio's would hold the time, and equal kernels shall give equal bytes.
      file = Mat_CreateVer(draft, "MATLAB 5.0 MAT-file, a blur kernel", MAT_FT_MAT5)
      guard file != nil else {
        throw .unwritable(path: path, reason: systemError())
      }
    }

    deinit { Mat_Close(file) }

    func close() throws(DegradationError) {
      defer { file = nil }
      try written(Mat_Close(file))
    }

    /// Appends a square matrix whose `values` go column by column, uncompressed.
    func append(_ name: String, columns: BlurKernel) throws(DegradationError) {
      var dimensions = [columns.side, columns.side]
      var values = columns.values
      let matrix = Mat_VarCreate(name, MAT_C_DOUBLE, MAT_T_DOUBLE, 2, &dimensions, &values, 0)
      guard let matrix else {
        throw .unwritable(path: path, reason: MATLog.complaint(or: "out of memory"))
      }
      defer { Mat_VarFree(matrix) }
      try written(Mat_VarWrite(file, matrix, MAT_COMPRESSION_NONE))
    }

    private func written(_ code: Int32) throws(DegradationError) {
      guard code == 0 else {
        throw .unwritable(path: path, reason: MATLog.complaint(or: "libmatio reports error \(code)"))
      }
    }

    /// A square matrix of real numbers, column by column. Its header is judged before memory is taken.
    func squareMatrix(_ name: String) throws(DegradationError) -> (side: Int, values: [Double]) {
      guard let matrix = Mat_VarReadInfo(file, name) else {
        throw .unreadable(path: path, reason: "it has no variable '\(name)', \(variables())")
      }
      defer { Mat_VarFree(matrix) }
      let side = try squareSide(matrix.pointee, name)
      let code = Mat_VarReadDataAll(file, matrix)
      guard code == 0, let values = numbers(matrix.pointee, count: side * side) else {
        throw .unreadable(path: path, reason: MATLog.complaint(or: "'\(name)' is damaged"))
      }
      return (side, values)
    }

    private func squareSide(_ matrix: matvar_t, _ name: String) throws(DegradationError) -> Int {
      guard matrix.rank == 2, let dimensions = matrix.dims, matrix.isComplex == 0,
        MAT_C_DOUBLE.rawValue...MAT_C_UINT64.rawValue ~= matrix.class_type.rawValue
      else { throw .unreadable(path: path, reason: "'\(name)' is not a matrix of real numbers") }
      let (rows, columns) = (dimensions[0], dimensions[1])
      guard rows == columns, 1...Self.largestSide ~= rows else {
        throw .unreadable(path: path, reason: "'\(name)' is \(rows)x\(columns); a kernel is square")
      }
      return rows
    }

    /// What the file does hold, in words.
    private func variables() -> String {
      var count = 0
      guard let names = Mat_GetDir(file, &count), count > 0 else { return "nor any other" }
      let known = (0..<count).compactMap { names[$0].map { String(cString: $0).debugDescription } }
      return "only \(known.joined(separator: ", "))"
    }

    private func numbers(_ matrix: matvar_t, count: Int) -> [Double]? {
      guard let data = matrix.data, Int(matrix.nbytes) == count * Int(matrix.data_size) else { return nil }
      switch matrix.class_type {
      case MAT_C_DOUBLE: return converted(data, count) { (value: Double) in value }
      case MAT_C_SINGLE: return converted(data, count) { (value: Float) in Double(value) }
      case MAT_C_INT8: return converted(data, count) { (value: Int8) in Double(value) }
      case MAT_C_UINT8: return converted(data, count) { (value: UInt8) in Double(value) }
      case MAT_C_INT16: return converted(data, count) { (value: Int16) in Double(value) }
      case MAT_C_UINT16: return converted(data, count) { (value: UInt16) in Double(value) }
      case MAT_C_INT32: return converted(data, count) { (value: Int32) in Double(value) }
      case MAT_C_UINT32: return converted(data, count) { (value: UInt32) in Double(value) }
      case MAT_C_INT64: return converted(data, count) { (value: Int64) in Double(value) }
      case MAT_C_UINT64: return converted(data, count) { (value: UInt64) in Double(value) }
      default: return nil
      }
    }

    /// Unsafe: libmatio has just stored `count` numbers of the class that `Number` stands for.
    private func converted<Number>(
      _ data: UnsafeMutableRawPointer, _ count: Int, _ convert: (Number) -> Double
    ) -> [Double] {
      UnsafeBufferPointer(start: data.assumingMemoryBound(to: Number.self), count: count).map(convert)
    }
  }
}
