/* SPDX-License-Identifier: GPL-3.0-only */
/* Loses packets of one process on purpose: an LD_PRELOAD library around the calls through which libnice sends and
 * receives. Only UDP of a local port of BUZZ_LOSS_PORTS ("21000-21399") is touched, in two ways:
 *
 * - A percentage of what is sent and looks like RTP or RTCP (first byte 128 to 191, RFC 7983 section 7), so ICE and
 *   DTLS are spared. Which packets are lost depends only on BUZZ_LOSS_SEED and their order.
 * - Paths die: everything to and from all the remote addresses that were seen until then, for good. New addresses,
 *   such as those of an ICE restart, work.
 *
 * BUZZ_LOSS_FILE holds "<percentage> <deaths>" and may be rewritten at any time; paths die whenever the second
 * number changes. Without the file BUZZ_LOSS_PERCENT holds for good. BUZZ_LOSS_FILE.counts says what has happened, as
 * "<sent> <lost> <deaths>", the first two of media only. Any thread may send: everything shared is atomic or below the one lock, and the
 * files are read and written by whoever finds them due. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define CONTROL_MS 50 /* how often the control file is looked at */
#define BATCH_MAX 1024 /* messages of one sendmmsg (UIO_MAXIOV) */
#define REMOTES_MAX 4096

static ssize_t (*real_sendto)(int, const void *, size_t, int, const struct sockaddr *, socklen_t);
static ssize_t (*real_sendmsg)(int, const struct msghdr *, int);
static int (*real_sendmmsg)(int, struct mmsghdr *, unsigned int, int);
static ssize_t (*real_recvmsg)(int, struct msghdr *, int);
static int (*real_recvmmsg)(int, struct mmsghdr *, unsigned int, int, struct timespec *);

static unsigned long first_port, last_port;
static const char *control_path;
static char counts_path[4096];
static _Atomic uint32_t loss_per_mille;
static _Atomic uint64_t state, sent, lost;
static _Atomic int64_t control_due_ms;

/* The remote addresses seen so far; the first remotes_dead of them are dead. */
struct remote {
	uint8_t address[16];
	uint16_t port;
};
static pthread_mutex_t remotes_lock = PTHREAD_MUTEX_INITIALIZER;
static struct remote remotes[REMOTES_MAX];
static size_t remotes_known, remotes_dead;
static unsigned long deaths;

static void *next_symbol(const char *name)
{
	void *symbol = dlsym(RTLD_NEXT, name);
	if (symbol == NULL) {
		fprintf(stderr, "lossy: no %s to wrap\n", name);
		abort();
	}
	return symbol;
}

static uint32_t to_per_mille(const char *text)
{
	double percent = strtod(text, NULL);
	return percent <= 0 ? 0 : percent >= 100 ? 1000 : (uint32_t)(percent * 10 + 0.5);
}

/* A constructor may run before any thread of the program, and sends nothing. */
__attribute__((constructor)) static void prepare(void)
{
	real_sendto = next_symbol("sendto");
	real_sendmsg = next_symbol("sendmsg");
	real_sendmmsg = next_symbol("sendmmsg");
	real_recvmsg = next_symbol("recvmsg");
	real_recvmmsg = next_symbol("recvmmsg");
	const char *ports = getenv("BUZZ_LOSS_PORTS");
	const char *percent = getenv("BUZZ_LOSS_PERCENT");
	const char *seed = getenv("BUZZ_LOSS_SEED");
	if (ports == NULL || sscanf(ports, "%lu-%lu", &first_port, &last_port) != 2)
		last_port = 0;
	loss_per_mille = percent != NULL ? to_per_mille(percent) : 0;
	state = seed != NULL ? strtoull(seed, NULL, 0) : 1;
	control_path = getenv("BUZZ_LOSS_FILE");
	if (control_path != NULL)
		snprintf(counts_path, sizeof(counts_path), "%s.counts", control_path);
}

static void let_die(unsigned long number)
{
	pthread_mutex_lock(&remotes_lock);
	if (number != deaths) {
		deaths = number;
		remotes_dead = remotes_known;
	}
	pthread_mutex_unlock(&remotes_lock);
}

static void read_control(void)
{
	char text[64] = "";
	int fd = open(control_path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	ssize_t length = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (length <= 0)
		return;
	loss_per_mille = to_per_mille(text);
	const char *second = strchr(text, ' ');
	let_die(second != NULL ? strtoul(second, NULL, 10) : 0);
}

static void write_counts(void)
{
	char text[80];
	pthread_mutex_lock(&remotes_lock);
	unsigned long died = deaths;
	pthread_mutex_unlock(&remotes_lock);
	int length = snprintf(text, sizeof(text), "%020llu %020llu %020lu\n", (unsigned long long)sent,
			      (unsigned long long)lost, died);
	int fd = open(counts_path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	if (fd < 0)
		return;
	if (pwrite(fd, text, (size_t)length, 0) != length)
		perror("lossy");
	close(fd);
}

static void look_at_files(void)
{
	if (control_path == NULL)
		return;
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	int64_t now_ms = now.tv_sec * 1000 + now.tv_nsec / 1000000;
	int64_t due = control_due_ms;
	if (now_ms < due || !atomic_compare_exchange_strong(&control_due_ms, &due, now_ms + CONTROL_MS))
		return;
	read_control();
	write_counts();
}

static uint16_t read_address(const struct sockaddr *from, struct remote *to)
{
	memset(to, 0, sizeof(*to));
	if (from == NULL)
		return 0;
	if (from->sa_family == AF_INET) {
		const struct sockaddr_in *four = (const struct sockaddr_in *)from;
		memcpy(to->address, &four->sin_addr, sizeof(four->sin_addr));
		to->port = ntohs(four->sin_port);
	} else if (from->sa_family == AF_INET6) {
		const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)from;
		memcpy(to->address, &six->sin6_addr, sizeof(six->sin6_addr));
		to->port = ntohs(six->sin6_port);
	}
	return to->port;
}

/* Whether the socket is one of ICE's. */
static bool is_ours(int fd)
{
	struct sockaddr_storage address;
	struct remote local;
	socklen_t length = sizeof(address);
	if (getsockname(fd, (struct sockaddr *)&address, &length) < 0)
		return false;
	uint16_t port = read_address((struct sockaddr *)&address, &local);
	if (port < first_port || port > last_port)
		return false;
	int type = 0;
	length = sizeof(type);
	return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &length) == 0 && type == SOCK_DGRAM;
}

static bool is_media(const struct msghdr *message)
{
	if (message->msg_iovlen == 0 || message->msg_iov[0].iov_len == 0)
		return false;
	uint8_t first = *(const uint8_t *)message->msg_iov[0].iov_base;
	return first >= 128 && first <= 191;
}

/* Remembers an address; whether it is dead. */
static bool is_dead(const struct sockaddr *address)
{
	struct remote remote;
	if (read_address(address, &remote) == 0)
		return false;
	pthread_mutex_lock(&remotes_lock);
	size_t i = 0;
	while (i < remotes_known && memcmp(&remotes[i], &remote, sizeof(remote)) != 0)
		i++;
	if (i == REMOTES_MAX) {
		fprintf(stderr, "lossy: more than %d remote addresses\n", REMOTES_MAX);
		abort();
	}
	if (i == remotes_known)
		remotes[remotes_known++] = remote;
	bool dead = i < remotes_dead;
	pthread_mutex_unlock(&remotes_lock);
	return dead;
}

/* splitmix64: one atomic addition gives each packet a number of its own. */
static uint64_t next_random(void)
{
	uint64_t value = atomic_fetch_add(&state, 0x9e3779b97f4a7c15) + 0x9e3779b97f4a7c15;
	value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
	value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
	return value ^ (value >> 31);
}

static bool is_lost(int fd, const struct msghdr *message)
{
	int error = errno;
	bool drop = false;
	if (is_ours(fd)) {
		look_at_files();
		drop = is_dead(message->msg_name);
		if (is_media(message)) {
			sent++;
			drop = drop || next_random() % 1000 < loss_per_mille;
			lost += drop;
		}
	}
	errno = error;
	return drop;
}

static size_t message_length(const struct msghdr *message)
{
	size_t length = 0;
	for (size_t i = 0; i < message->msg_iovlen; i++)
		length += message->msg_iov[i].iov_len;
	return length;
}

ssize_t sendto(int fd, const void *data, size_t length, int flags, const struct sockaddr *to, socklen_t to_length)
{
	struct iovec part = {.iov_base = (void *)data, .iov_len = length};
	struct msghdr message = {.msg_name = (void *)to, .msg_namelen = to_length, .msg_iov = &part, .msg_iovlen = 1};
	if (is_lost(fd, &message))
		return (ssize_t)length;
	return real_sendto(fd, data, length, flags, to, to_length);
}

ssize_t send(int fd, const void *data, size_t length, int flags)
{
	return sendto(fd, data, length, flags, NULL, 0);
}

ssize_t sendmsg(int fd, const struct msghdr *message, int flags)
{
	if (is_lost(fd, message))
		return (ssize_t)message_length(message);
	return real_sendmsg(fd, message, flags);
}

/* Lost messages count as sent, as far as the kernel took the ones around them. */
int sendmmsg(int fd, struct mmsghdr *messages, unsigned int count, int flags)
{
	struct mmsghdr kept[BATCH_MAX];
	unsigned int index[BATCH_MAX];
	unsigned int kept_count = 0;
	if (count > BATCH_MAX)
		count = BATCH_MAX;
	for (unsigned int i = 0; i < count; i++) {
		if (is_lost(fd, &messages[i].msg_hdr)) {
			messages[i].msg_len = (unsigned int)message_length(&messages[i].msg_hdr);
			continue;
		}
		kept[kept_count] = messages[i];
		index[kept_count++] = i;
	}
	if (kept_count == 0)
		return (int)count;
	int done = real_sendmmsg(fd, kept, kept_count, flags);
	if (done < 0)
		return done;
	for (int i = 0; i < done; i++)
		messages[index[i]].msg_len = kept[i].msg_len;
	return (unsigned int)done == kept_count ? (int)count : (int)index[done];
}

/* One message that did not come from the dead. */
ssize_t recvmsg(int fd, struct msghdr *message, int flags)
{
	struct msghdr empty = *message;
	ssize_t length;
	do {
		*message = empty;
		length = real_recvmsg(fd, message, flags);
	} while (length >= 0 && !(flags & MSG_ERRQUEUE) && is_ours(fd) && is_dead(message->msg_name));
	return length;
}

int recvmmsg(int fd, struct mmsghdr *messages, unsigned int count, int flags, struct timespec *timeout)
{
	if (!is_ours(fd))
		return real_recvmmsg(fd, messages, count, flags, timeout);
	unsigned int done = 0;
	while (done < count) {
		ssize_t length = recvmsg(fd, &messages[done].msg_hdr, flags | (done > 0 ? MSG_DONTWAIT : 0));
		if (length < 0)
			break;
		messages[done++].msg_len = (unsigned int)length;
	}
	return done > 0 || count == 0 ? (int)done : -1;
}
