/// Version of the messages' meaning. A peer of another version is told so and turned away, never half understood.
public let wireProtocol = 3
