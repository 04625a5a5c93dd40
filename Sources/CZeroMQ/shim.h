#include <zmq.h>

// For the threads that own sockets; Swift's Glibc module has neither.
#include <pthread.h>
#include <sys/eventfd.h>
