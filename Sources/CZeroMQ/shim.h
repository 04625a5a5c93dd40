#include <zmq.h>

// For the threads that own sockets; Swift's Glibc module has neither.
#include <pthread.h>
#include <sys/eventfd.h>
int pthread_setname_np(pthread_t thread, const char *name);  // hidden without _GNU_SOURCE
