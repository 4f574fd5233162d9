/* Loaded before libc: makes calls on chosen files fail while a trigger file exists.
 *
 * FAULT_CALL     write, sync or read
 * FAULT_PATH     files whose path contains this
 * FAULT_TRIGGER  calls fail while this file exists
 * FAULT_FIRED    gets one byte for each call that failed
 *
 * Its own system calls go past libc, so that they are never its own prey. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static int hit(int fd, const char *call)
{
    const char *wanted = getenv("FAULT_CALL"), *path = getenv("FAULT_PATH");
    const char *trigger = getenv("FAULT_TRIGGER"), *fired = getenv("FAULT_FIRED");
    char link[64], target[4096];
    if (!wanted || !path || !trigger || !fired || strcmp(wanted, call) != 0)
        return 0;
    if (syscall(SYS_faccessat, AT_FDCWD, trigger, F_OK) != 0)
        return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = syscall(SYS_readlinkat, AT_FDCWD, link, target, sizeof target - 1);
    if (length <= 0)
        return 0;
    target[length] = 0;
    if (!strstr(target, path))
        return 0;
    int note = syscall(SYS_openat, AT_FDCWD, fired, O_WRONLY | O_CREAT | O_APPEND, 0600);
    if (note >= 0) {
        syscall(SYS_write, note, ".", 1);
        syscall(SYS_close, note);
    }
    errno = EIO;
    return 1;
}

#define FAULTY(result, name, call, parameters, arguments)                   \
    result name parameters                                                  \
    {                                                                       \
        static result(*real) parameters;                                    \
        if (!real)                                                          \
            real = (result(*) parameters)dlsym(RTLD_NEXT, #name);           \
        return hit(fd, call) ? -1 : real arguments;                         \
    }

FAULTY(ssize_t, write, "write", (int fd, const void *b, size_t n), (fd, b, n))
FAULTY(ssize_t, writev, "write", (int fd, const struct iovec *v, int n), (fd, v, n))
FAULTY(ssize_t, pwrite, "write", (int fd, const void *b, size_t n, off_t o), (fd, b, n, o))
FAULTY(ssize_t, pwrite64, "write", (int fd, const void *b, size_t n, off64_t o), (fd, b, n, o))
FAULTY(int, ftruncate, "write", (int fd, off_t n), (fd, n))
FAULTY(int, ftruncate64, "write", (int fd, off64_t n), (fd, n))
FAULTY(int, fsync, "sync", (int fd), (fd))
FAULTY(int, fdatasync, "sync", (int fd), (fd))
FAULTY(int, sync_file_range, "sync", (int fd, off64_t o, off64_t n, unsigned f), (fd, o, n, f))
FAULTY(ssize_t, read, "read", (int fd, void *b, size_t n), (fd, b, n))
FAULTY(ssize_t, pread, "read", (int fd, void *b, size_t n, off_t o), (fd, b, n, o))
FAULTY(ssize_t, pread64, "read", (int fd, void *b, size_t n, off64_t o), (fd, b, n, o))
