/* Makes a cell's root, in a process of the cell. Any failure ends the process. */
#define _GNU_SOURCE
#include "cell.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

#define HIDDEN (MS_NOSUID | MS_NODEV | MS_NOEXEC)

void fail(const char *format, ...)
{
    char text[512];
    int number = errno;
    va_list rest;
    va_start(rest, format);
    int size = vsnprintf(text, sizeof text, format, rest);
    va_end(rest);
    snprintf(text + size, sizeof text - size, ": %s", strerror(number));
    if (write(COMPLAINTS, text, strlen(text)) < 0)
        _exit(126);
    _exit(127);
}

static void mounted(const char *what, const char *where, const char *type, unsigned long flags, const char *options)
{
    if (mount(what, where, type, flags, options))
        fail("mount %s", where);
}

static void folder(const char *path)
{
    struct stat found;
    if (mkdir(path, 0755) && errno != EEXIST)
        fail("mkdir %s", path);
    /* A symbolic link of the image in its place would lead out of the new root. */
    if (lstat(path, &found) || !S_ISDIR(found.st_mode)) {
        errno = ENOTDIR;
        fail("/%s", path);
    }
}

static void text_file(const char *path, const char *text, const char *end)
{
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644);
    if (file < 0)
        fail("open %s", path);
    if (write(file, text, strlen(text)) < 0 || write(file, end, strlen(end)) < 0)
        fail("write %s", path);
    close(file);
}

/* Hides what container engines hide, in the new root. */
static void hide(const char *const *paths, int readable)
{
    struct stat found;
    for (; *paths; paths++) {
        if (stat(*paths, &found))
            continue;
        if (readable) {
            mounted(*paths, *paths, NULL, MS_BIND | MS_REC, NULL);
            mounted(NULL, *paths, NULL, MS_BIND | MS_REMOUNT | MS_RDONLY | HIDDEN, NULL);
        } else if (S_ISDIR(found.st_mode))
            mounted("tmpfs", *paths, "tmpfs", MS_RDONLY | HIDDEN, "size=0k,nr_inodes=2");
        else
            mounted("dev/null", *paths, NULL, MS_BIND, NULL);
    }
}

static void make_devices(void)
{
    static const char *const nodes[] = {"null", "zero", "full", "random", "urandom", "tty", NULL};
    static const char *const links[][2] = {{"/proc/self/fd", "dev/fd"}, {"/proc/self/fd/0", "dev/stdin"},
        {"/proc/self/fd/1", "dev/stdout"}, {"/proc/self/fd/2", "dev/stderr"}, {"pts/ptmx", "dev/ptmx"}, {NULL, NULL}};
    char from[32], to[32];
    mounted("tmpfs", "dev", "tmpfs", MS_NOSUID | MS_NOEXEC | MS_STRICTATIME, "mode=755,size=65536k");
    for (const char *const *node = nodes; *node; node++) {
        snprintf(from, sizeof from, "/dev/%s", *node);
        snprintf(to, sizeof to, "dev/%s", *node);
        int file = open(to, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
        if (file < 0)
            fail("open %s", to);
        close(file);
        mounted(from, to, NULL, MS_BIND, NULL);
        /* In a user namespace it is the computer's own device: read-only, so that a page can use it, but not even
         * change its times. */
        mounted(NULL, to, NULL, MS_BIND | MS_REMOUNT | MS_RDONLY | MS_NOSUID | MS_NOEXEC, NULL);
    }
    for (int link = 0; links[link][0]; link++)
        if (symlink(links[link][0], links[link][1]))
            fail("symlink %s", links[link][1]);
    folder("dev/pts");
    folder("dev/shm");
    folder("dev/mqueue");
    mounted("devpts", "dev/pts", "devpts", MS_NOSUID | MS_NOEXEC, "newinstance,ptmxmode=0666,mode=0620");
    mounted("shm", "dev/shm", "tmpfs", HIDDEN, "mode=1777,size=64000k");
    mounted("mqueue", "dev/mqueue", "mqueue", HIDDEN, NULL);
}

/* Mounts an overlay in memory over the image, and makes it the root. Nothing else of the container can be reached. */
static void enter_a_fresh_root(const char *disk, const char *host_name)
{
    static const char *const hidden[] = {"proc/acpi", "proc/asound", "proc/kcore", "proc/keys", "proc/latency_stats",
        "proc/sched_debug", "proc/scsi", "proc/timer_list", "proc/timer_stats", "sys/dev/block",
        "sys/devices/virtual/powercap", "sys/firmware", "sys/fs/selinux", NULL};
    static const char *const readable[] = {
        "proc/bus", "proc/fs", "proc/irq", "proc/sys", "proc/sysrq-trigger", NULL};
    char options[64];
    mounted(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
    snprintf(options, sizeof options, "mode=755,size=%s", disk);
    mounted("tmpfs", "/dev/shm", "tmpfs", MS_NODEV, options);
    folder("/dev/shm/upper");
    folder("/dev/shm/work");
    folder("/dev/shm/root");
    /* The overlay's marks are attributes like this. Without them, a folder that a page removes and makes again would
     * show its old files, or none. */
    if (setxattr("/dev/shm/work", "user.fencepost", "", 0, 0))
        fail("Linux 6.6 or newer is needed for a file system in memory");
    mounted("overlay", "/dev/shm/root", "overlay", MS_NODEV,
        "lowerdir=/,upperdir=/dev/shm/upper,workdir=/dev/shm/work,userxattr");
    if (chdir("/dev/shm/root"))
        fail("chdir");
    folder("proc");
    folder("dev");
    folder("sys");
    folder("etc");
    mounted("proc", "proc", "proc", HIDDEN, NULL);
    mounted("sysfs", "sys", "sysfs", HIDDEN | MS_RDONLY, NULL);
    make_devices();
    hide(hidden, 0);
    hide(readable, 1);
    text_file("etc/hostname", host_name, "\n");
    if (syscall(SYS_pivot_root, ".", ".") || umount2(".", MNT_DETACH))
        fail("pivot_root");
}

static void bring_up_loopback(void)
{
    struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP};
    int any = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (any < 0 || ioctl(any, SIOCSIFFLAGS, &request))
        fail("the loopback interface");
    close(any);
}

void furnish(const char *disk_size, const char *host_name)
{
    enter_a_fresh_root(disk_size, host_name);
    bring_up_loopback();
    if (sethostname(host_name, strlen(host_name)))
        fail("sethostname");
}
