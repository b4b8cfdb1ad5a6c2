#ifndef CLINUX_H
#define CLINUX_H

#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/types.h>

/* What Swift's importer cannot see of Linux. Each returns what its system call returns, with errno. */

/* Hidden without _GNU_SOURCE: accept with the flags non-blocking and close-on-exec. */
int clinux_accept(int listener);

/* Asks for kernel time stamps of arrivals; the flags are enumerators of a header that Swift has no module for. */
int clinux_stamp_arrivals(int socket);

/* recvmsg with the kernel's stamp of the last byte read, as CLOCK_REALTIME in nanoseconds, 0 where there is
   none: control messages are read with macros. */
ssize_t clinux_receive(int socket, void *buffer, size_t size, int64_t *stamp);

/* In a header that Swift has no module for: microseconds from a connection's SYN to its answer, by the kernel's clock;
   0 where the kernel does not say, or the SYN was sent again. Only before anything else is sent. */
int64_t clinux_handshake_time(int socket);

/* Variadic ioctl: bytes that the peer has not acknowledged. */
int clinux_unsent_bytes(int socket);

/* A filter of the kernel that drops all that arrives, before it is acknowledged; and its end. The structure's type
   is in a header that Swift has no module for. */
int clinux_drop_arrivals(int socket);
int clinux_take_arrivals(int socket);

/* Hidden without _GNU_SOURCE: an errno's name and its words in English, NULL for an unknown one. */
const char *clinux_error_name(int code);
const char *clinux_error_words(int code);

/* The resource's type differs between C libraries: raises the soft limit of descriptors to the hard one, -1 where
   that fails, else the limit. */
int64_t clinux_raise_descriptor_limit(void);

/* In a header that Swift has no module for: gives memory that the allocator holds free back to the system. */
void clinux_release_free_memory(void);
/* From now on memory of 256 KiB and more comes from the system and goes back at once when it is freed, and all
   threads share one heap: what a page of metrics took serves the next probes. */
void clinux_keep_memory_small(void);

/* Whether this thread wipes what it gives back to the heap, which it does at first. For a library at work on secrets
   that it wipes itself. */
void clinux_wipe_freed(int wipes);

/* From now on a page of this mapping that its file cannot give (it was cut off, or the disk fails) becomes empty
   memory of our own, where SIGBUS would end the process. 0, or -1 where so many mappings are not foreseen. */
int clinux_guard_mapping(void *base, size_t size);
/* The mapping is about to go. */
void clinux_forget_mapping(void *base);
/* How many pages of guarded mappings were lost so far. */
int clinux_lost_pages(void);
/* A signal's action is a macro: a file that would grow too large is an error, not the end of the process. */
void clinux_ignore_file_size_signal(void);

#endif
