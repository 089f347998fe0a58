/* What the three parts of the program share: cell.c keeps the cells, root.c furnishes one, confine.c locks it. */
#ifndef CELL_H
#define CELL_H

#include <sched.h>
#include <stdint.h>

#define NAMESPACES (CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWCGROUP)

/* Where a process that becomes a page's tells what went wrong; it closes when the page's command begins. */
#define COMPLAINTS 3

/* Tells on COMPLAINTS what failed, with the reason of errno, and ends the process. */
void fail(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

/*
 * Gives the calling process, which is alone in new namespaces, a root of its own: the container's image below, memory
 * above, with /proc, /dev and /sys as container engines furnish them. Nothing else of the container can be reached.
 */
void furnish(const char *disk_size, const char *host_name);

/* Leaves the calling process the capabilities that are named by bits, for good, and the system calls that a page may. */
void confine(uint64_t kept_capabilities);

#endif
