#include <zmq.h>

// For the threads that own sockets; Swift's Glibc module has neither.
#include <pthread.h>
#include <sys/eventfd.h>

#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

/* What libzmq's header hides from those who do not ask for draft functions; the library has it (4.3.4). */
enum { CZEROMQ_ZAP_ENFORCE_DOMAIN = 93 };

/* Names a connection for as long as the machine runs, whatever becomes of its descriptor (SO_COOKIE, socket(7)); 0 for what
   is no socket. */
static inline uint64_t czeromq_cookie(int descriptor) {
    uint64_t cookie = 0;
    socklen_t size = sizeof cookie;
    return getsockopt(descriptor, SOL_SOCKET, 57, &cookie, &size) == 0 ? cookie : 0;
}

/* Bytes that the kernel has taken in over a TCP connection, and those that its peer has acknowledged: tcpi_bytes_received and
   tcpi_bytes_acked of struct tcp_info, by their offsets in the kernel's interface, since glibc's older copy of the structure
   ends before them. 0 where there are none. */
static inline int czeromq_tcp_bytes(int descriptor, uint64_t *received, uint64_t *acknowledged) {
    unsigned char info[512];
    socklen_t size = sizeof info;
    if (getsockopt(descriptor, 6 /* IPPROTO_TCP */, 11 /* TCP_INFO */, info, &size) != 0 || size < 136) return 0;
    memcpy(acknowledged, info + 120, sizeof *acknowledged);
    memcpy(received, info + 128, sizeof *received);
    return 1;
}
