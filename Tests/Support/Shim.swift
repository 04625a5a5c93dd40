import Foundation

/// A shared library of a few lines of C that takes the place of functions of the C library in a program under test
/// (LD_PRELOAD), for faults that no test can cause otherwise. Removed with the object.
public final class Shim {
  private let folder: TemporaryFolder
  /// What the program's environment needs.
  public var environment: [String: String] { ["LD_PRELOAD": folder.file("shim.so").path] }

  public static let isPossible = FileManager.default.isExecutableFile(atPath: "/usr/bin/cc")
  public static let impossible = "needs a C compiler"

  public init(_ source: String) throws {
    folder = try TemporaryFolder()
    try source.write(to: folder.file("shim.c"), atomically: true, encoding: .utf8)
    let compiler = try Process.run(
      URL(filePath: "/usr/bin/cc"),
      arguments: [
        "-shared", "-fPIC", "-O1", "-o", folder.file("shim.so").path, folder.file("shim.c").path, "-ldl",
      ])
    compiler.waitUntilExit()
    guard compiler.terminationStatus == 0 else { throw POSIXError(.ENOEXEC) }
  }

  /// The wall clock goes back by an hour as soon as the file named by SHIM_TRIGGER is there: for whoever asks for the time,
  /// and for whoever waits until a moment of it.
  public static let clock = #"""
    #define _GNU_SOURCE
    #include <dlfcn.h>
    #include <errno.h>
    #include <pthread.h>
    #include <stdlib.h>
    #include <sys/syscall.h>
    #include <sys/time.h>
    #include <time.h>
    #include <unistd.h>

    static long shift(void) {
        static const char *file;
        static int isThere;
        if (!file) file = getenv("SHIM_TRIGGER");
        if (!isThere && file && access(file, F_OK) == 0) isThere = 1;
        return isThere ? -3600 : 0;
    }
    int clock_gettime(clockid_t clock, struct timespec *time) {
        int code = syscall(SYS_clock_gettime, clock, time);
        if (code == 0 && clock == CLOCK_REALTIME) time->tv_sec += shift();
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
    /* Moments of the monotonic clock are small numbers. Others are looked at again and again, as the clock may go back. */
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
    """#

  /// Computing processes get another hash of their results than everybody else.
  public static let wrongHash = #"""
    #define _GNU_SOURCE
    #include <dlfcn.h>
    #include <fcntl.h>
    #include <string.h>
    #include <unistd.h>

    unsigned long XXH3_64bits_withSeed(const void *data, unsigned long count, unsigned long seed) {
        static unsigned long (*real)(const void *, unsigned long, unsigned long);
        if (!real) real = dlsym(RTLD_NEXT, "XXH3_64bits_withSeed");
        char line[200] = "";
        int file = open("/proc/self/cmdline", O_RDONLY);
        if (read(file, line, sizeof line - 1) < 1) line[0] = 0;
        close(file);
        return real(data, count, seed) + (strcmp(line + strlen(line) + 1, "compute") == 0);
    }
    """#

  /// Locks are accepted and not kept.
  public static let noLocks = "int flock(int file, int operation) { return 0; }"
}
