#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* pipe2 */
#endif
#include <fcntl.h>
#include <malloc.h> /* malloc_trim, in no header that Swift imports by itself */
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Hidden from Swift behind _GNU_SOURCE: no child started at this moment may inherit the ends. */
static inline int clinux_pipe(int ends[2]) {
    extern int pipe2(int *, int);
    return pipe2(ends, O_CLOEXEC);
}

/* prctl is variadic in C, which Swift cannot call: the kernel kills this process when the thread that made it ends. */
static inline int clinux_die_with_parent(void) { return prctl(PR_SET_PDEATHSIG, SIGKILL); }

/* Macros that Swift does not see. */
static inline int clinux_exited(int status) { return WIFEXITED(status); }
static inline int clinux_exit_code(int status) { return WEXITSTATUS(status); }
static inline int clinux_signal(int status) { return WTERMSIG(status); }

/* fcntl is variadic, and F_SETLEASE hidden behind _GNU_SOURCE. A read lease is refused with EAGAIN while anybody has the
   file open for writing (fcntl(2)), which is how a half-written file is told; closing the descriptor gives it back. */
static inline int clinux_take_read_lease(int file) { return fcntl(file, 1024, F_RDLCK); }

/* Hidden behind _GNU_SOURCE; the kernel takes 15 bytes. */
static inline void clinux_name_thread(const char *name) {
    extern int pthread_setname_np(pthread_t, const char *);
    pthread_setname_np(pthread_self(), name);
}

/* A union's member, which Swift does not import. */
static inline int clinux_ignores(int number) {
    struct sigaction action;
    return sigaction(number, 0, &action) == 0 && action.sa_handler == SIG_IGN;
}

/* Processors in this process's affinity mask, 0 where the system does not tell. The mask's size is the kernel's to say:
   it is tried larger and larger. The C library's function hides behind _GNU_SOURCE. */
static inline int clinux_affinity_count(void) {
    extern long syscall(long, ...);
    for (size_t bytes = 128; bytes <= 1 << 20; bytes *= 2) {
        unsigned char *mask = calloc(1, bytes);
        if (!mask) return 0;
        long written = syscall(SYS_sched_getaffinity, 0, bytes, mask);
        int count = 0;
        for (long at = 0; at < written; at++) count += __builtin_popcount(mask[at]);
        free(mask);
        if (written > 0) return count;
    }
    return 0;
}
