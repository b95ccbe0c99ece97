/*
 * Preloaded into charon where the kernel knows XFRM but no ESP: SAs that charon installs over netlink are taken without being looked at, so that a negotiation
 * comes to its end. Policies are the kernel's own, and so are the acquires of a trap; no packet is ever protected.
 *
 *   cc -shared -fPIC -o accepting_kernel.so accepting_kernel.c -ldl
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <linux/netlink.h>
#include <linux/xfrm.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static int is_xfrm(int socket)
{
	int value = 0;
	socklen_t length = sizeof(value);

	if (getsockopt(socket, SOL_SOCKET, SO_DOMAIN, &value, &length) != 0 || value != AF_NETLINK)
		return 0;
	length = sizeof(value);
	return getsockopt(socket, SOL_SOCKET, SO_PROTOCOL, &value, &length) == 0 && value == NETLINK_XFRM;
}

/* A message of type NLMSG_NOOP is acknowledged without an error. */
static void accept_sas(char *octets, size_t count)
{
	struct nlmsghdr *message = (struct nlmsghdr *)octets;

	for (; NLMSG_OK(message, count); message = NLMSG_NEXT(message, count)) {
		if (message->nlmsg_type == XFRM_MSG_NEWSA || message->nlmsg_type == XFRM_MSG_UPDSA || message->nlmsg_type == XFRM_MSG_DELSA)
			message->nlmsg_type = NLMSG_NOOP;
	}
}

ssize_t sendto(int socket, const void *octets, size_t count, int flags, const struct sockaddr *address, socklen_t length)
{
	ssize_t (*real)(int, const void *, size_t, int, const struct sockaddr *, socklen_t) = dlsym(RTLD_NEXT, "sendto");
	char *copy = is_xfrm(socket) ? malloc(count) : NULL;
	ssize_t sent;
	int error;

	if (copy == NULL)
		return real(socket, octets, count, flags, address, length);
	memcpy(copy, octets, count);
	accept_sas(copy, count);
	sent = real(socket, copy, count, flags, address, length);
	error = errno;
	free(copy);
	errno = error;
	return sent;
}
