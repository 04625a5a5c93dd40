public import Imaging
public import SuperResolution

/// A picture that was restored, and what it was restored with. What `RestorationFacts` says can be asked of it, too.
@dynamicMemberLookup
public struct RestoredPicture: Sendable {
  /// Enlarged and upright, of the depth that the picture had, with its metadata and its alpha.
  public let picture: Picture
  public let facts: RestorationFacts

  public subscript<Value>(dynamicMember path: KeyPath<RestorationFacts, Value>) -> Value {
    facts[keyPath: path]
  }

  /// As `RestorationFacts.notes(of:)`.
  package func notes(of picture: Picture) -> [String] { facts.notes(of: picture) }
}

/// What a picture was restored with.
public struct RestorationFacts: Sendable {
  /// The enlarged picture's size, upright.
  public let size: PictureSize
  /// The enlarger's mean share in the picture, 0 to 1; the rest is plain enlargement.
  public let trust: Double
  /// Why that is below 1: one sentence, or nil.
  public let trustNote: String?
  /// What it was enlarged with.
  public let kernel: FoundKernel
  /// The noise level that it was enlarged with, a standard deviation in 8-bit levels.
  public let noise: Double
  public let isNoiseEstimated: Bool
  public let scale: Int
  /// The enlarger's name, as `SuperResolver.name(scale:)`.
  public let enlarger: String
  /// The file of its weights; nil for the closed form.
  public let weights: SuperResolver.WeightsFile?
  public let seconds: Double

  /// Everything that the user should know about it, one sentence each.
  package func notes(of picture: Picture) -> [String] {
    picture.notes + kernel.notes + (trustNote.map { [$0] } ?? [])
  }
}
