import Coordination
import Messages

/// An order for one unit of work that is not sent yet.
struct WaitingOrder {
  let task: TaskID
  /// As in `Order.task`.
  let parameters: String?
  let peer: Peer
}

/// What goes out.
///
/// Orders are large (a block's pictures), and a thousand workers that join at once are given two each: those beyond
/// `mostUnread` bytes under way wait here as names, and are made and sent as the workers take what was sent before.
extension CoordinatorProcess {
  /// Bytes under way from which on orders wait; half of what the router allows all its peers together.
  private static let mostUnread = 128 << 20

  func send(_ order: Order, to peers: [Peer]) throws {
    switch order {
    case .task(let task, let parameters):
      for peer in peers {
        waitingOrders.append(WaitingOrder(task: task, parameters: parameters, peer: peer))
      }
      return try sendOrders()
    case .cancel(let task):
      waitingOrders.removeAll { $0.task == task && peers.contains($0.peer) }
      router.send(CoordinatorMessage.cancel(task).encoded(), to: peers)
    case .welcome: router.send(CoordinatorMessage.welcome(welcome).encoded(), to: peers)
    case .parameters:
      let parameters = outer.parameters(opened.identifier, welcome.incarnation)
      router.send(CoordinatorMessage.parameters(parameters).encoded(), to: peers)
    case .registerAgain: router.send(CoordinatorMessage.registerAgain.encoded(), to: peers)
    case .reject(let rejection): router.send(CoordinatorMessage.rejection(rejection).encoded(), to: peers)
    case .shutdown(let reason): router.send(CoordinatorMessage.shutdown(reason).encoded(), to: peers)
    }
  }

  /// Sends what waits, in the order of its coming, as far as there is room.
  func sendOrders() throws {
    var sent = 0
    defer { waitingOrders.removeFirst(sent) }
    while sent < waitingOrders.count, router.unread < Self.mostUnread {
      let order = waitingOrders[sent]
      sent += 1
      let message = TaskOrder(
        run: welcome.run, incarnation: welcome.incarnation, id: order.task, parameters: order.parameters,
        contents: try outer.contents(of: order.task))
      router.send(CoordinatorMessage.task(message).encoded(), to: [order.peer])
    }
  }
}
