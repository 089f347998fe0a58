/*
 * Opens cells: fresh machines for one page each, in a warm container.
 *
 * This program is process 1 of the container, and the only process in it that isn't a page's. It reads frames on
 * standard input, and answers with frames on standard output. A cell has its own processes, network, host name and IPC,
 * and its file system is an overlay in memory over the container's image. All of that is gone when the cell's first
 * process ends. The processes in a cell have the capabilities of a plain container, can't gain more, and have a filter
 * of system calls, so that they have none of this program's privileges in the container's user namespace. A page can't
 * forge a frame: its streams are pipes to this program.
 *
 *     cell KEPT-CAPABILITIES DISK-SIZE HOST-NAME
 *
 * A frame: its kind, a channel, two zero bytes, the length of its data as 32 bits in big-endian order, and the data.
 *
 *     to the cell    O open, and start a command as its process 1     S start a further command
 *                    D bytes for a command                            K kill all but process 1
 *                    C close
 *     from it        O K C done, S started          X not started, and why    N nothing killed: no room
 *                    1 2 a command's output         G a command has ended
 *
 * The data of O and S is the command's words, each followed by a zero byte.
 */
#define _GNU_SOURCE
#include "cell.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#define CHANNELS 8
#define WORDS 64
#define LONGEST_FRAME (64u << 20)
#define A_PIPE_FULL 32 /* reads of 64 KiB: more than the largest pipe that a page can make */

struct channel {
    pid_t pid; /* 0 where nothing runs */
    int in, out, err;
    unsigned char *waiting; /* bytes that the command hasn't read yet */
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

/* Writes a frame with one call if the pipe has room: each further one would wake up the processes that pass it on. */
static void tell(char kind, int channel, const void *data, uint32_t size)
{
    unsigned char head[8] = {kind, channel};
    uint32_t length = htonl(size);
    memcpy(head + 4, &length, 4);
    for (size_t done = 0; done < sizeof head + size;) {
        size_t of_head = done < sizeof head ? sizeof head - done : 0;
        size_t of_data = done < sizeof head ? 0 : done - sizeof head;
        struct iovec left[2] = {
            {head + sizeof head - of_head, of_head},
            {(unsigned char *)data + of_data, size - of_data},
        };
        ssize_t put = writev(1, left, 2);
        if (put > 0)
            done += put;
        else if (errno != EINTR)
            exit(1); /* the reader is gone: end the container, and all cells with it */
    }
}

/* ---- processes in the cell ---- */

/* Drops the privileges, and executes the command. Descriptors 0 to 2 are its pipes. */
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
    confine(kept);
    execvp(words[0], words);
    fail("%s", words[0]);
}

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

/* In a child: makes its ends of the pipes descriptors 0, 1, 2 and COMPLAINTS, and closes all others. */
static void take_pipes(int pipes[4][2])
{
    int own[4];
    for (int index = 0; index < 4; index++)
        if ((own[index] = fcntl(pipes[index][index > 0], F_DUPFD, 100)) < 0)
            _exit(126);
    for (int index = 0; index < 4; index++)
        dup2(own[index], index);
    fcntl(COMPLAINTS, F_SETFD, FD_CLOEXEC);
    if (syscall(SYS_close_range, 4u, ~0u, 0))
        fail("close_range");
}

/* Starts a process in the cell. Returns the pid of a stand-in outside, which ends with the same status. */
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
        furnish(disk, host_name);
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
    /* At its end, either the command runs, or this has read why it doesn't. */
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

/* Reads from a stream, and closes it at its end. Returns the number of bytes read. */
static size_t take(int *stream, unsigned char *bytes, size_t size)
{
    ssize_t got = *stream < 0 ? 0 : read(*stream, bytes, size);
    if (*stream >= 0 && (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR))) {
        close(*stream);
        *stream = -1;
    }
    return got > 0 ? got : 0;
}

/*
 * Passes on what a command has written. Returns whether there was output. A session reports a failure on its standard
 * error before it writes on standard output that it is done. So read the output first, and send it last: remarks from
 * before it are sent before it.
 */
static int hand_on(int number)
{
    static unsigned char output[1 << 16], remarks[1 << 16];
    struct channel *channel = &channels[number];
    size_t put_out = take(&channel->out, output, sizeof output), remarked;
    for (int reads = 0; reads < A_PIPE_FULL && (remarked = take(&channel->err, remarks, sizeof remarks)); reads++)
        tell('2', number, remarks, remarked);
    if (put_out)
        tell('1', number, output, put_out);
    return put_out > 0;
}

static void feed(struct channel *channel)
{
    ssize_t put = write(channel->in, channel->waiting, channel->waits);
    if (put < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    /* Drop it if the command has closed its input. */
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

/* After a command's end: sends what is still in its pipes, and that it is gone. */
static void bury(int number)
{
    struct channel *channel = &channels[number];
    /* No more than that: processes that the command has started may go on writing. */
    for (int reads = 0; reads < A_PIPE_FULL && hand_on(number); reads++)
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

/* Reaps the children that have ended by now, with WNOHANG, or waits for all of them, with 0. */
static void reap(int options)
{
    pid_t pid;
    while ((pid = waitpid(-1, NULL, options | __WALL)) > 0) {
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
    /* Waiting only for the first process could hang: the kernel doesn't let it be reaped before all others of its cell,
     * and a page can make one of them this program's child, which has to be reaped here. */
    reap(0);
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

/* Without a user namespace, this program's capabilities and a page's root would have power outside. */
static int in_a_user_namespace(void)
{
    unsigned long inside, outside, size;
    FILE *map = fopen("/proc/self/uid_map", "re");
    int read = map ? fscanf(map, "%lu %lu %lu", &inside, &outside, &size) : 0;
    if (map)
        fclose(map);
    return read == 3 && (inside || outside || size < UINT32_MAX);
}

int main(int count, char **arguments)
{
    sigset_t children;
    struct pollfd polled[2 + 3 * CHANNELS];
    if (count != 4)
        return 2;
    if (!in_a_user_namespace()) {
        fprintf(stderr, "the engine gives its containers no user namespace\n");
        return 1;
    }
    kept = strtoull(arguments[1], NULL, 16);
    disk = arguments[2];
    host_name = arguments[3];
    if (!getcwd(start_folder, sizeof start_folder))
        strcpy(start_folder, "/");
    /* Until it executes its command, a process in a cell is a copy of this one, and its memory may have data of earlier
     * pages. So forbid tracing it. */
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
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
            if (channel->pid && (three[0].revents || three[1].revents))
                hand_on(number);
            if (channel->pid && three[2].revents && channel->waits)
                feed(channel);
        }
        if (polled[1].revents) {
            struct signalfd_siginfo told;
            while (read(ends, &told, sizeof told) > 0)
                ;
            reap(WNOHANG);
        }
        if (polled[0].revents && !obey())
            return 0;
    }
}
