// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The child that calls the vendor driver if there is a time limit
 *
 * An object has one child, which is made for the first access and kept.  The child is two
 * processes, the keeper and the worker.  The worker may hang in a driver, where no signal
 * reaches it.  It is a child of the keeper, which only waits for it, so that the asker has a
 * child that can be killed and reaped at once.  The worker is killed with the keeper, and
 * the keeper with the thread that asks.
 *
 * The asker sends a question and waits for its answer.  If the answer does not come in time,
 * the asker kills the keeper and closes the socket, so that nobody can receive a late answer.
 * The numbers of questions and answers are compared all the same.
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

/* Milliseconds between two looks at a keeper that cannot be killed */
#define LOOK_MS		5

/**
 * struct io_question - a question to the worker
 * @number: number among the questions of an object
 * @call: the access; its pointers are the asker's, and the worker does not use them
 * @name: name of the attribute
 *
 * Its packet also has the type's directory and the bytes to write.
 */
struct io_question {
	unsigned long long number;
	struct io_call call;
	char name[sizeof("available_instances")];
};

/**
 * struct io_answer - an answer of the worker
 * @number: number of the question
 * @result: result of the access
 *
 * Its packet also has the bytes that were read.
 */
struct io_answer {
	unsigned long long number;
	struct io_result result;
};

/**
 * struct packet - a message with two parts, and with room for a descriptor
 * @message: the message for sendmsg(2) and recvmsg(2)
 * @parts: a structure, and the bytes of the attribute
 * @control: control message with the descriptor
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

/* packet_add_fd - put a descriptor into a packet; -1 makes room to receive one */
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

/* packet_receive - return the length of the second part; -EPIPE at the end, or another errno */
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

/* packet_fd - return the descriptor that came with a packet, or -1 */
static int packet_fd(const struct packet *packet)
{
	const struct cmsghdr *header = CMSG_FIRSTHDR(&packet->message);
	int fd = -1;

	if (header && header->cmsg_type == SCM_RIGHTS)
		memcpy(&fd, CMSG_DATA(header), sizeof(fd));
	return fd;
}

/* end_with - end this process when @parent ends, or now if it has ended */
static void end_with(pid_t parent)
{
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) || getppid() != parent)
		_exit(1);
}

/*
 * answer_one - answer a question from the socket, or end the process at the socket's end
 *
 * @error is 0, or the errno that is the answer to any question.
 */
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
 * keeper - make the worker and wait for its end; never returns
 *
 * The two processes do not have the asker's files, because somebody may wait for the end of
 * its output.  They are not in its directory, because that could keep a file system from being
 * unmounted.  The asker sees the end of the socket when the keeper has reaped the worker.
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
 * make_socket - make the two ends of a socket; 0 or a negative errno
 *
 * The asker's end is never a standard file, because a program that has closed its standard
 * output may write to it all the same.
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

/* make_child - make the keeper of an object; 0 or a negative errno */
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
	/* fork() would call the program's handlers of pthread_atfork() */
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

/* wait_until - wait for a packet or the socket's end, and return 1; 0 after @deadline */
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

/* reap_later - wait a limited time for a keeper that ends by itself unless its worker hangs */
static void reap_later(pid_t keeper)
{
	long long deadline = now_ms() + END_LIMIT_MS;

	while (!waitpid(keeper, NULL, WNOHANG) && now_ms() < deadline)
		poll(NULL, 0, LOOK_MS);
}

/* kill_child - kill and reap the keeper, without waiting for the worker */
static void kill_child(struct io_child *child)
{
	close(child->socket);
	child->socket = -1;
	/*
	 * The keeper is not a child of a process that fork() has made since.  If somebody
	 * else has reaped the keeper, another process may have its number.
	 */
	if (child->process != getpid() || waitpid(child->keeper, NULL, WNOHANG))
		return;
	if (kill(child->keeper, SIGKILL)) {
		/* The effective user has changed since the keeper was made */
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
	 * The keeper gets time to reap a worker that ends by itself.  Otherwise init would
	 * reap it, and in a container the asker can be init.
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

	/* The padding is sent as well */
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

/* is_of_asker - does a child end with this thread, and have its user and group? */
static bool is_of_asker(const struct io_child *child)
{
	return child->thread == gettid() && child->user == geteuid() && child->group == getegid();
}

/*
 * pass_question - send a question to a child of this thread; 0 or a negative errno
 *
 * A child of another thread ends with that thread, maybe now.  A child that was made before
 * the asker gave up its privileges still has them.  If the child has ended since the last
 * question, another child gets this one.  A question that was sent is not sent again.
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
		/* get_answer() will find the socket's end in place of an answer */
		if (is_new)
			return 0;
		kill_child(child);
	}
}

/* get_answer - receive an answer; 0, -ETIMEDOUT, or -EIO for the socket's end or a wrong packet */
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
	/* A keeper that could not make a worker has ended after this answer */
	if (result->step == IO_NO_ANSWER)
		kill_child(child);
	return 0;
}
