/*
 * Opens cells: fresh machines for one page each, inside one warm container.
 *
 * This program is process 1 of the container, and the only one in it that isn't a page's. It is told on standard input
 * what to do, in frames, and answers on standard output. A cell has its own processes, network, host name and IPC, and
 * a file system that is the container's image below and memory above: all of it is gone with the cell's first process.
 * What runs in a cell has the capabilities of a plain container, no way to gain more, and a filter of system calls, so
 * that none of what this program may do in the container's user namespace is left to it. No byte that a page writes is
 * taken for a frame: its streams are pipes, which end here.
 *
 *     cell KEPT-CAPABILITIES BYTES-OF-DISK HOST-NAME
 *
 * A frame: its kind, a channel, two zero bytes, the length of what follows as 32 bits, the highest first.
 *
 *     to the cell    O open, and start a command as its process 1     S start a further command
 *                    D bytes for a command                            K kill all but process 1
 *                    C close
 *     from it        O K C done, S started          X not started, and why    N nothing killed: no room
 *                    1 2 what a command wrote       G a command is gone
 *
 * O and S carry the command's words, each with a zero byte behind it.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#define NAMESPACES (CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWCGROUP)
#define ANY_NAMESPACE (NAMESPACES | CLONE_NEWUSER)
#define HIDDEN (MS_NOSUID | MS_NODEV | MS_NOEXEC)
#define CHANNELS 8
#define WORDS 64
#define LONGEST_FRAME (64u << 20)

struct channel {
    pid_t pid; /* 0 where nothing runs */
    int in, out, err;
    unsigned char *waiting; /* bytes that the command hasn't taken yet */
    size_t waits;
};

static struct channel channels[CHANNELS];
static pid_t first; /* process 1 of the cell, as this program knows it; 0 where no cell is open */
static uint64_t kept;
static const char *disk, *host_name;
static char start_folder[4096];

/* ---- frames ---- */

static int read_all(void *to, size_t size)
{
    for (size_t done = 0; done < size;) {
        ssize_t got = read(0, (char *)to + done, size - done);
        if (got > 0)
            done += got;
        else if (got == 0 || errno != EINTR)
            return 0;
    }
    return 1;
}

static void write_all(const void *from, size_t size)
{
    for (size_t done = 0; done < size;) {
        ssize_t put = write(1, (const char *)from + done, size - done);
        if (put > 0)
            done += put;
        else if (errno != EINTR)
            exit(1); /* nobody listens any more: the container ends, and all cells with it */
    }
}

static void tell(char kind, int channel, const void *data, uint32_t size)
{
    unsigned char head[8] = {kind, channel};
    uint32_t length = htonl(size);
    memcpy(head + 4, &length, 4);
    write_all(head, sizeof head);
    write_all(data, size);
}

/* ---- a cell, from its own first process: whatever fails is told on descriptor 3, and ends it ---- */

static void fail(const char *format, ...)
{
    char text[512];
    int number = errno;
    va_list rest;
    va_start(rest, format);
    int size = vsnprintf(text, sizeof text, format, rest);
    va_end(rest);
    snprintf(text + size, sizeof text - size, ": %s", strerror(number));
    if (write(3, text, strlen(text)) < 0)
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
    /* A link that an image has in its place would lead out of the new root. */
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

/* The same that container engines hide, below the new root. */
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
            mounted("/dev/null", *paths, NULL, MS_BIND, NULL);
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

/* The image below, memory above; then this is the root, and nothing of the container's own can be reached. */
static void enter_a_fresh_root(void)
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
    /* Without these marks a folder that a page removes and makes anew would show its old files, or none at all. */
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

#if defined(__x86_64__)
#define OWN_ARCHITECTURE AUDIT_ARCH_X86_64
#define FOREIGN_CALLS 0x40000000u /* x32's, which have other numbers */
#elif defined(__aarch64__)
#define OWN_ARCHITECTURE AUDIT_ARCH_AARCH64
#define FOREIGN_CALLS 0xffffffffu
#else
#error "no filter of system calls for this processor"
#endif

#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define ANSWER(error) BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (error))
#define REFUSE(call) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_##call, 0, 1), ANSWER(EPERM)

/* On top of the engine's own filter, which lets a container with CAP_SYS_ADMIN do more than a page may. */
static void filter_system_calls(void)
{
    struct sock_filter filter[] = {
        LOAD(arch),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, OWN_ARCHITECTURE, 1, 0),
        ANSWER(ENOSYS),
        LOAD(nr),
        BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, FOREIGN_CALLS, 0, 1),
        ANSWER(ENOSYS),
        /* Its flags lie in memory, where a filter can't look; programs then use clone. */
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone3, 0, 1),
        ANSWER(ENOSYS),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone, 0, 4),
        LOAD(args[0]),
        BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, ANY_NAMESPACE, 0, 1),
        ANSWER(EPERM),
        LOAD(nr),
        REFUSE(unshare), REFUSE(setns),
        REFUSE(mount), REFUSE(umount2), REFUSE(pivot_root), REFUSE(move_mount), REFUSE(open_tree), REFUSE(fsopen),
        REFUSE(fsconfig), REFUSE(fsmount), REFUSE(fspick), REFUSE(mount_setattr),
        REFUSE(open_by_handle_at), REFUSE(name_to_handle_at),
        REFUSE(bpf), REFUSE(perf_event_open), REFUSE(userfaultfd), REFUSE(fanotify_init), REFUSE(io_uring_setup),
        REFUSE(add_key), REFUSE(request_key), REFUSE(keyctl),
        REFUSE(init_module), REFUSE(finit_module), REFUSE(delete_module), REFUSE(kexec_load), REFUSE(kexec_file_load),
        REFUSE(reboot), REFUSE(swapon), REFUSE(swapoff), REFUSE(acct), REFUSE(quotactl), REFUSE(quotactl_fd),
        REFUSE(syslog), REFUSE(vhangup), REFUSE(sethostname), REFUSE(setdomainname),
        REFUSE(settimeofday), REFUSE(clock_settime), REFUSE(adjtimex), REFUSE(clock_adjtime),
#if defined(__x86_64__)
        REFUSE(iopl), REFUSE(ioperm), REFUSE(modify_ldt),
#endif
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof filter / sizeof *filter, filter};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
        fail("seccomp");
}

static void drop_capabilities(void)
{
    struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct data[2] = {{(uint32_t)kept, (uint32_t)kept, 0},
        {(uint32_t)(kept >> 32), (uint32_t)(kept >> 32), 0}};
    for (int number = 0; prctl(PR_CAPBSET_READ, number) >= 0; number++)
        if (!(kept >> number & 1) && prctl(PR_CAPBSET_DROP, number))
            fail("capability %d", number);
    if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) || syscall(SYS_capset, &head, data))
        fail("capset");
}

/* The last of what is done with privileges. Descriptors 0 to 2 are the command's pipes. */
static void run(char **words)
{
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGPIPE, SIG_DFL);
    umask(022);
    setsid();
    if (chdir(start_folder) && chdir("/"))
        fail("chdir");
    drop_capabilities();
    filter_system_calls();
    execvp(words[0], words);
    fail("%s", words[0]);
}

/* ---- from outside ---- */

static int make_pipes(int pipes[4][2])
{
    for (int index = 0; index < 4; index++)
        if (pipe2(pipes[index], O_CLOEXEC)) {
            for (int made = 0; made < index; made++) {
                close(pipes[made][0]);
                close(pipes[made][1]);
            }
            return 0;
        }
    return 1;
}

/* In a child: its ends of the pipes become 0, 1, 2, and 3 for complaints; nothing else is left open. */
static void take_pipes(int pipes[4][2])
{
    int own[4];
    for (int index = 0; index < 4; index++)
        if ((own[index] = fcntl(pipes[index][index > 0], F_DUPFD, 100)) < 0)
            _exit(126);
    for (int index = 0; index < 4; index++)
        dup2(own[index], index);
    fcntl(3, F_SETFD, FD_CLOEXEC);
    if (syscall(SYS_close_range, 4u, ~0u, 0))
        fail("close_range");
}

/* A process inside the cell, from outside: its number here is that of a stand-in, which ends as it does. */
static pid_t fork_into_the_cell(int pipes[4][2])
{
    pid_t stand_in = fork();
    if (stand_in)
        return stand_in;
    if (pipes)
        take_pipes(pipes);
    int cell = syscall(SYS_pidfd_open, first, 0);
    if (cell < 0 || setns(cell, NAMESPACES))
        fail("setns");
    close(cell);
    pid_t inside = fork();
    if (inside == 0)
        return 0;
    if (inside < 0)
        fail("fork");
    int status = 0;
    syscall(SYS_close_range, 0u, ~0u, 0);
    if (waitpid(inside, &status, 0) < 0)
        _exit(126);
    _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}

static pid_t fork_a_cell(int pipes[4][2])
{
    pid_t pid = syscall(SYS_clone, NAMESPACES | SIGCHLD, 0, 0, 0, 0);
    if (pid == 0) {
        take_pipes(pipes);
        enter_a_fresh_root();
        bring_up_loopback();
        if (sethostname(host_name, strlen(host_name)))
            fail("sethostname");
    }
    return pid;
}

static void start(char kind, int number, char **words)
{
    int pipes[4][2];
    struct channel *channel = &channels[number];
    char why[512];
    if ((kind == 'O') == (first != 0) || channel->pid || !words[0] || !make_pipes(pipes)) {
        snprintf(why, sizeof why, "not now");
        tell('X', number, why, strlen(why));
        return;
    }
    pid_t pid = kind == 'O' ? fork_a_cell(pipes) : fork_into_the_cell(pipes);
    if (pid == 0)
        run(words);
    int number_of_error = errno;
    for (int index = 0; index < 4; index++)
        close(pipes[index][index > 0]);
    ssize_t size = pid < 0 ? -1 : 0, got = 0;
    /* At its end either the command runs, or the words say why not. */
    while (size >= 0 && size < (ssize_t)sizeof why && (got = read(pipes[3][0], why + size, sizeof why - size)) > 0)
        size += got;
    close(pipes[3][0]);
    if (size) {
        if (size < 0)
            size = snprintf(why, sizeof why, "no new process: %s", strerror(number_of_error));
        else
            waitpid(pid, NULL, 0);
        for (int index = 0; index < 3; index++)
            close(pipes[index][index == 0]);
        tell('X', number, why, size);
        return;
    }
    *channel = (struct channel){pid, pipes[0][1], pipes[1][0], pipes[2][0], NULL, 0};
    fcntl(channel->in, F_SETFL, O_NONBLOCK);
    fcntl(channel->out, F_SETFL, O_NONBLOCK);
    fcntl(channel->err, F_SETFL, O_NONBLOCK);
    if (kind == 'O')
        first = pid;
    tell(kind, number, "", 0);
}

/* Hands on what a command has written; 0 at the stream's end. */
static int hand_on(int number, char kind, int *stream)
{
    static unsigned char bytes[1 << 16];
    ssize_t got = read(*stream, bytes, sizeof bytes);
    if (got > 0)
        tell(kind, number, bytes, got);
    else if (got == 0 || (errno != EAGAIN && errno != EINTR)) {
        close(*stream);
        *stream = -1;
    }
    return got > 0;
}

static void feed(struct channel *channel)
{
    ssize_t put = write(channel->in, channel->waiting, channel->waits);
    if (put < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    /* A command that takes no more will be told of as gone. */
    size_t taken = put < 0 ? channel->waits : (size_t)put;
    channel->waits -= taken;
    memmove(channel->waiting, channel->waiting + taken, channel->waits);
}

static void keep_for(struct channel *channel, const unsigned char *data, size_t size)
{
    if (!channel->pid || channel->in < 0)
        return;
    unsigned char *more = realloc(channel->waiting, channel->waits + size + 1);
    if (!more)
        exit(1);
    channel->waiting = more;
    memcpy(more + channel->waits, data, size);
    channel->waits += size;
    feed(channel);
}

/* After a command's end: what is still in its pipes, and that it is gone. */
static void bury(int number)
{
    struct channel *channel = &channels[number];
    /* No more than a pipe holds: what the command has left running may go on writing. */
    for (int reads = 0; reads < 32 && channel->out >= 0 && hand_on(number, '1', &channel->out); reads++)
        ;
    for (int reads = 0; reads < 32 && channel->err >= 0 && hand_on(number, '2', &channel->err); reads++)
        ;
    close(channel->in);
    if (channel->out >= 0)
        close(channel->out);
    if (channel->err >= 0)
        close(channel->err);
    free(channel->waiting);
    *channel = (struct channel){0};
    tell('G', number, "", 0);
}

static void reap(void)
{
    pid_t pid;
    while ((pid = waitpid(-1, NULL, WNOHANG)) > 0) {
        for (int number = 0; number < CHANNELS; number++)
            if (channels[number].pid == pid)
                bury(number);
        if (pid == first)
            first = 0;
    }
}

static void kill_all(void)
{
    int status = 0;
    pid_t killer = first ? fork_into_the_cell(NULL) : -1;
    if (killer == 0) {
        kill(-1, SIGKILL);
        _exit(0);
    }
    if (killer < 0 || waitpid(killer, &status, 0) < 0 || status)
        tell('N', 0, "", 0);
    else
        tell('K', 0, "", 0);
}

static void close_cell(void)
{
    if (first)
        kill(first, SIGKILL);
    /* The kernel lets nobody wait for the first process before all others of its cell are gone. */
    for (int number = 0; number < CHANNELS; number++)
        if (channels[number].pid) {
            waitpid(channels[number].pid, NULL, 0);
            bury(number);
        }
    first = 0;
    tell('C', 0, "", 0);
}

static int obey(void)
{
    unsigned char head[8];
    uint32_t length;
    char *words[WORDS] = {NULL};
    if (!read_all(head, sizeof head))
        return 0;
    memcpy(&length, head + 4, 4);
    length = ntohl(length);
    if (head[1] >= CHANNELS || length > LONGEST_FRAME)
        return 0;
    unsigned char *data = malloc(length + 1);
    if (!data || !read_all(data, length))
        return 0;
    data[length] = 0;
    if (head[0] == 'D')
        keep_for(&channels[head[1]], data, length);
    else if (head[0] == 'K')
        kill_all();
    else if (head[0] == 'C')
        close_cell();
    else {
        int count = 0;
        for (char *word = (char *)data; word < (char *)data + length && count < WORDS - 1; word += strlen(word) + 1)
            words[count++] = word;
        start(head[0] == 'O' ? 'O' : 'S', head[1], words);
    }
    free(data);
    return 1;
}

int main(int count, char **arguments)
{
    sigset_t children;
    struct pollfd polled[2 + 3 * CHANNELS];
    if (count != 4)
        return 2;
    kept = strtoull(arguments[1], NULL, 16);
    disk = arguments[2];
    host_name = arguments[3];
    if (!getcwd(start_folder, sizeof start_folder))
        strcpy(start_folder, "/");
    signal(SIGPIPE, SIG_IGN);
    sigemptyset(&children);
    sigaddset(&children, SIGCHLD);
    sigprocmask(SIG_BLOCK, &children, NULL);
    int ends = signalfd(-1, &children, SFD_CLOEXEC | SFD_NONBLOCK);
    for (;;) {
        polled[0] = (struct pollfd){0, POLLIN, 0};
        polled[1] = (struct pollfd){ends, POLLIN, 0};
        for (int number = 0; number < CHANNELS; number++) {
            struct channel *channel = &channels[number];
            struct pollfd *three = &polled[2 + 3 * number];
            three[0] = (struct pollfd){channel->pid ? channel->out : -1, POLLIN, 0};
            three[1] = (struct pollfd){channel->pid ? channel->err : -1, POLLIN, 0};
            three[2] = (struct pollfd){channel->pid && channel->waits ? channel->in : -1, POLLOUT, 0};
        }
        if (poll(polled, 2 + 3 * CHANNELS, -1) < 0 && errno != EINTR)
            return 1;
        for (int number = 0; number < CHANNELS; number++) {
            struct channel *channel = &channels[number];
            struct pollfd *three = &polled[2 + 3 * number];
            if (channel->pid && three[0].revents && channel->out >= 0)
                hand_on(number, '1', &channel->out);
            if (channel->pid && three[1].revents && channel->err >= 0)
                hand_on(number, '2', &channel->err);
            if (channel->pid && three[2].revents && channel->waits)
                feed(channel);
        }
        if (polled[1].revents) {
            struct signalfd_siginfo told;
            while (read(ends, &told, sizeof told) > 0)
                ;
            reap();
        }
        if (polled[0].revents && !obey())
            return 0;
    }
}
