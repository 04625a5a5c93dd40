/* Taken into the coordinator (LD_PRELOAD): a clock that is set forth and back, and a disk that is slow. The file named by
   CHAOS_SHIM holds two 64-bit numbers that others change: seconds to add to the wall clock, milliseconds that fsync takes
   longer. With CHAOS_LIAR, in a computing process: a bit of every third result flips before its checksum is made. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static volatile long *numbers;

__attribute__((constructor)) static void open_numbers(void) {
    const char *path = getenv("CHAOS_SHIM");
    int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (file < 0) return;
    void *place = mmap(0, 16, PROT_READ, MAP_SHARED, file, 0);
    close(file);
    if (place != MAP_FAILED) numbers = place;
}

int clock_gettime(clockid_t clock, struct timespec *time) {
    int code = syscall(SYS_clock_gettime, clock, time);
    if (code == 0 && clock == CLOCK_REALTIME && numbers) time->tv_sec += numbers[0];
    return code;
}
int gettimeofday(struct timeval *restrict time, void *restrict zone) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    time->tv_sec = now.tv_sec;
    time->tv_usec = now.tv_nsec / 1000;
    return 0;
}
time_t time(time_t *result) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (result) *result = now.tv_sec;
    return now.tv_sec;
}
/* Moments of the monotonic clock are small numbers. Others are looked at again and again, as the clock may be set back. */
int pthread_cond_timedwait(pthread_cond_t *condition, pthread_mutex_t *lock, const struct timespec *until) {
    static int (*real)(pthread_cond_t *, pthread_mutex_t *, const struct timespec *);
    if (!real) real = dlvsym(RTLD_NEXT, "pthread_cond_timedwait", "GLIBC_2.3.2");
    if (until->tv_sec < 1000000000) return real(condition, lock, until);
    for (;;) {
        struct timespec now, next;
        clock_gettime(CLOCK_REALTIME, &now);
        if (now.tv_sec > until->tv_sec || (now.tv_sec == until->tv_sec && now.tv_nsec >= until->tv_nsec))
            return ETIMEDOUT;
        syscall(SYS_clock_gettime, CLOCK_REALTIME, &next);
        next.tv_nsec += 20000000;
        if (next.tv_nsec >= 1000000000) { next.tv_sec++; next.tv_nsec -= 1000000000; }
        int code = real(condition, lock, &next);
        if (code != ETIMEDOUT) return code;
    }
}

int fsync(int file) {
    if (numbers && numbers[1] > 0) usleep(1000 * numbers[1]);
    return syscall(SYS_fsync, file);
}

unsigned long XXH3_64bits(const void *data, size_t count) {
    static unsigned long (*real)(const void *, size_t);
    static _Atomic int results;
    if (!real) real = dlsym(RTLD_NEXT, "XXH3_64bits");
    if (getenv("CHAOS_LIAR") && count > 100000 && ++results % 3 == 2) ((unsigned char *)data)[4000] ^= 0x10;
    return real(data, count);
}
