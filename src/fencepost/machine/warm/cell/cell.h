/* Shared by the parts of the program: cell.c keeps the cells, root.c makes a cell's root, confine.c confines it. */
#ifndef CELL_H
#define CELL_H

#include <sched.h>
#include <stdint.h>

#define NAMESPACES (CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWCGROUP)

/* The descriptor for errors of a process that becomes a page's command; it closes when the command begins. */
#define COMPLAINTS 3

/* Writes what failed to COMPLAINTS, with errno's message, and ends the process. */
void fail(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

/*
 * Gives the calling process, which is alone in new namespaces, a root of its own: an overlay in memory over the
 * container's image, with /proc, /dev and /sys like those of container engines. Nothing else of the container can be
 * reached.
 */
void furnish(const char *disk_size, const char *host_name);

/* Takes from the calling process, for good, all capabilities but those given as bits, and most system calls. */
void confine(uint64_t kept_capabilities);

#endif
