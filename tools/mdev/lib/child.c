// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The child that calls the vendor driver, if there is a limit to the time that it may take
 *
 * An object has one, which is made for the first access and kept.  The child is two
 * processes.  The worker may hang in a driver, where no signal reaches it.  It is a child
 * of the keeper, which only waits for it, so that the asker has a child that can be killed
 * and reaped at once.  The worker is killed with the keeper, and the keeper with the thread
 * that asks.
 *
 * The asker sends a question and waits for its answer.  If none comes in time, it kills the
 * keeper and closes the socket, so that a late answer has nobody who could receive it; the
 * numbers of questions and answers are compared all the same.
 */

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "internal.h"

/* A worker that waits for a question ends at once, unless somebody has stopped it */
#define END_LIMIT_MS	1000

/* Milliseconds until the end of a keeper that cannot be killed is looked for again */
#define LOOK_MS		5

/**
 * struct io_question - what is sent to the worker, in a packet with the type's directory
 *	and with what is written
 * @number: counts the questions of an object
 * @call: what is done; the pointers are the asker's, and the worker does not use them
 * @name: name of the attribute
 */
struct io_question {
	unsigned long long number;
	struct io_call call;
	char name[sizeof("available_instances")];
};

/**
 * struct io_answer - what the worker sends, in a packet with what was read
 * @number: of the question
 * @result: what the access led to
 */
struct io_answer {
	unsigned long long number;
	struct io_result result;
};

/**
 * struct packet - a message with two parts, and with room for a descriptor
 * @message: all of it
 * @parts: a structure and bytes
 * @control: the descriptor
 */
struct packet {
	struct msghdr message;
	struct iovec parts[2];
	char control[CMSG_SPACE(sizeof(int))] __attribute__((__aligned__(sizeof(size_t))));
};

static void packet_init(struct packet *packet, void *head, size_t head_size, void *bytes,
			size_t size)
{
	memset(packet, 0, sizeof(*packet));
	packet->parts[0].iov_base = head;
	packet->parts[0].iov_len = head_size;
	packet->parts[1].iov_base = bytes;
	packet->parts[1].iov_len = size;
	packet->message.msg_iov = packet->parts;
	packet->message.msg_iovlen = 2;
}

/* packet_add_fd - send a descriptor with a packet, or receive one if it is -1 */
static void packet_add_fd(struct packet *packet, int fd)
{
	struct cmsghdr *header;

	packet->message.msg_control = packet->control;
	packet->message.msg_controllen = sizeof(packet->control);
	header = CMSG_FIRSTHDR(&packet->message);
	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(header), &fd, sizeof(fd));
}

/* packet_receive - the bytes of the second part; -EPIPE at the end, or a negative errno */
static ssize_t packet_receive(int socket, struct packet *packet, int flags)
{
	size_t head = packet->parts[0].iov_len;
	ssize_t len;

	do
		len = recvmsg(socket, &packet->message, flags | MSG_CMSG_CLOEXEC);
	while (len < 0 && errno == EINTR);
	if (len <= 0)
		return len ? -errno : -EPIPE;
	if ((size_t)len < head || packet->message.msg_flags & (MSG_TRUNC | MSG_CTRUNC))
		return -EPROTO;
	return len - (ssize_t)head;
}

/* packet_fd - the descriptor that was received with a packet, or -1 */
static int packet_fd(const struct packet *packet)
{
	const struct cmsghdr *header = CMSG_FIRSTHDR(&packet->message);
	int fd = -1;

	if (header && header->cmsg_type == SCM_RIGHTS)
		memcpy(&fd, CMSG_DATA(header), sizeof(fd));
	return fd;
}

/* end_with - end when the process @parent does, also if it already has */
static void end_with(pid_t parent)
{
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) || getppid() != parent)
		_exit(1);
}

/* answer_one - take a question from the socket; ends the process if there is none */
static void answer_one(int error)
{
	struct io_question question;
	char bytes[VERSION_SIZE];
	struct io_answer answer;
	struct packet packet;
	size_t len = 0;

	packet_init(&packet, &question, sizeof(question), bytes, sizeof(bytes));
	packet_add_fd(&packet, -1);
	if (packet_receive(0, &packet, 0) < 0)
		_exit(0);

	question.call.dir = packet_fd(&packet);
	question.call.name = question.name;
	question.call.to = bytes;
	question.call.from = bytes;
	memset(&answer, 0, sizeof(answer));
	answer.number = question.number;
	if (error) {
		answer.result.step = IO_NO_ANSWER;
		answer.result.error = error;
	} else {
		access_attribute(&question.call, &answer.result);
	}
	close(question.call.dir);

	if (question.call.flags == O_RDONLY)
		len = answer.result.count;
	packet_init(&packet, &answer, sizeof(answer), bytes, len);
	if (sendmsg(0, &packet.message, MSG_NOSIGNAL) < 0)
		_exit(1);
}

/*
 * keeper - never returns
 *
 * Neither process has the asker's files, because somebody may wait for the end of its
 * output, nor its directory, which could be on a file system that is to be unmounted.  The
 * asker sees the end of the socket when the keeper has reaped the worker.
 */
static void keeper(int to_asker, pid_t asker)
{
	pid_t own, pid;

	end_with(asker);
	if (dup2(to_asker, 0) < 0 || close_range(1, ~0U, 0) || chdir("/"))
		_exit(1);

	own = getpid();
	pid = _Fork();
	if (pid < 0) {
		answer_one(errno);
		_exit(1);
	}
	if (!pid) {
		end_with(own);
		for (;;)
			answer_one(0);
	}
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	_exit(0);
}

/*
 * make_socket - 0 or a negative errno
 *
 * The asker's end is kept, and is never a standard file: a program that has closed its
 * standard output may write to it all the same.
 */
static int make_socket(int ends[2])
{
	int fd;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends))
		return -errno;
	if (ends[0] > STDERR_FILENO)
		return 0;

	fd = fcntl(ends[0], F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	if (fd < 0) {
		int error = errno;

		close(ends[0]);
		close(ends[1]);
		return -error;
	}
	close(ends[0]);
	ends[0] = fd;
	return 0;
}

/* make_child - 0 or a negative errno */
static int make_child(struct io_child *child)
{
	pid_t asker = getpid(), pid;
	sigset_t all, before;
	int ends[2], error;

	error = make_socket(ends);
	if (error)
		return error;

	/* The asker's handlers are not for its child, which gets no signal but SIGKILL */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	/* fork() would run what the asker's program has for pthread_atfork() */
	pid = _Fork();
	if (!pid)
		keeper(ends[1], asker);
	error = errno;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	close(ends[1]);
	if (pid < 0) {
		close(ends[0]);
		return -error;
	}

	child->socket = ends[0];
	child->keeper = pid;
	child->process = asker;
	child->thread = gettid();
	child->user = geteuid();
	child->group = getegid();
	return 0;
}

/* wait_until - 1 if there is something to receive, or the end; 0 after @deadline */
static int wait_until(int socket, long long deadline)
{
	struct pollfd from = { .fd = socket, .events = POLLIN };
	int ready;

	do {
		long long left = deadline - now_ms();

		if (left < 0)
			left = 0;
		ready = poll(&from, 1, left > INT_MAX ? INT_MAX : (int)left);
	} while (ready < 0 && errno == EINTR);
	return ready < 0 ? -errno : ready;
}

/* reap_later - a keeper that ends by itself, unless its worker hangs; for a limited time */
static void reap_later(pid_t keeper)
{
	long long deadline = now_ms() + END_LIMIT_MS;

	while (!waitpid(keeper, NULL, WNOHANG) && now_ms() < deadline)
		poll(NULL, 0, LOOK_MS);
}

/* kill_child - without waiting for the worker */
static void kill_child(struct io_child *child)
{
	close(child->socket);
	child->socket = -1;
	/*
	 * It is the child of the process that has made it, and not of one that fork() has
	 * made since.  Somebody else may have reaped it, and then its number may be another
	 * process's.
	 */
	if (child->process != getpid() || waitpid(child->keeper, NULL, WNOHANG))
		return;
	if (kill(child->keeper, SIGKILL)) {
		/* The asker is not the user any more who has made it */
		reap_later(child->keeper);
		return;
	}
	while (waitpid(child->keeper, NULL, 0) < 0 && errno == EINTR)
		;
}

void end_child(struct io_child *child)
{
	if (child->socket < 0)
		return;
	/*
	 * The keeper reaps a worker that ends by itself, which otherwise is for init to do: in
	 * a container that can be the asker.
	 */
	if (child->process == getpid()) {
		shutdown(child->socket, SHUT_WR);
		wait_until(child->socket, now_ms() + END_LIMIT_MS);
	}
	kill_child(child);
}

static int send_question(struct io_child *child, const struct io_call *call)
{
	struct io_question question;
	struct packet packet;

	/* The bytes between the members are sent as well */
	memset(&question, 0, sizeof(question));
	question.number = ++child->number;
	question.call.flags = call->flags;
	question.call.fixture = call->fixture;
	question.call.size = call->size;
	snprintf(question.name, sizeof(question.name), "%s", call->name);

	packet_init(&packet, &question, sizeof(question), (char *)call->from,
		    call->from ? call->size : 0);
	packet_add_fd(&packet, call->dir);
	return sendmsg(child->socket, &packet.message, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

/* is_of_asker - does a child end with this thread, and may it do what this thread may? */
static bool is_of_asker(const struct io_child *child)
{
	return child->thread == gettid() && child->user == geteuid() && child->group == getegid();
}

/*
 * pass_question - to a child that ends with this thread; 0 or a negative errno
 *
 * A child that another thread has made ends with that one, maybe now.  One that was made
 * before the asker gave up its privileges still has them.  One that has ended since it was
 * asked last time cannot get the question, so that another one may be made for it; after that
 * nothing is sent twice.
 */
static int pass_question(struct io_child *child, const struct io_call *call)
{
	bool is_new = false;
	int ret;

	if (child->socket >= 0 && !is_of_asker(child))
		end_child(child);
	for (;;) {
		if (child->socket < 0) {
			ret = make_child(child);
			if (ret)
				return ret;
			is_new = true;
		}
		ret = send_question(child, call);
		if (ret != -EPIPE && ret != -ECONNRESET)
			return ret;
		/* There is an end in place of the answer */
		if (is_new)
			return 0;
		kill_child(child);
	}
}

/* get_answer - 0, -ETIMEDOUT, or -EIO if the child has ended or sent something else */
static int get_answer(const struct io_child *child, const struct io_call *call,
		      long long deadline, struct io_result *result)
{
	struct io_answer answer;
	struct packet packet;
	ssize_t len;
	int ready;

	ready = wait_until(child->socket, deadline);
	if (ready <= 0)
		return ready ? -EIO : -ETIMEDOUT;

	packet_init(&packet, &answer, sizeof(answer), call->to, call->to ? call->size : 0);
	len = packet_receive(child->socket, &packet, MSG_DONTWAIT);
	if (len < 0 || answer.number != child->number ||
	    (call->to && (size_t)len != answer.result.count))
		return -EIO;
	*result = answer.result;
	return 0;
}

int access_in_child(struct io_child *child, const struct io_call *call,
		    unsigned int timeout, struct io_result *result)
{
	long long deadline = now_ms() + timeout;
	int ret;

	ret = pass_question(child, call);
	if (ret)
		return ret;
	ret = get_answer(child, call, deadline, result);
	if (ret) {
		memset(result, 0, sizeof(*result));
		result->step = IO_NO_ANSWER;
		result->error = -ret;
	}
	/* A keeper that could not make a worker does not answer again either */
	if (result->step == IO_NO_ANSWER)
		kill_child(child);
	return 0;
}
