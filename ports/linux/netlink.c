/**
 * @file netlink.c  Requests to the kernel by netlink(7), one at a time
 */
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <mbedtls/platform_util.h>
#include "ports/linux/netlink.h"


/** What the kernel puts into one datagram of a dump, at most */
#define ANSWER_MAX 32768

#define ATTR_HDR sizeof(struct nlattr)


int netlink_open(struct netlink *nl, int protocol)
{
	nl->seq = 0;
	nl->fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);

	return nl->fd < 0 ? errno : 0;
}


void netlink_close(struct netlink *nl)
{
	if (nl->fd >= 0)
		(void)close(nl->fd);
	nl->fd = -1;
}


/** Room at the end, filled with zeros up to the next boundary */
static void *append(struct netlink *nl, size_t len)
{
	const size_t padded = NLMSG_ALIGN(len);
	uint8_t *p = nl->tx.buf + nl->tx.hdr.nlmsg_len;

	memset(p, 0, padded);
	nl->tx.hdr.nlmsg_len += (uint32_t)padded;

	return p;
}


void netlink_begin(struct netlink *nl, uint16_t type, uint16_t flags,
		   const void *fixed, size_t len)
{
	memset(&nl->tx.hdr, 0, sizeof(nl->tx.hdr));
	nl->tx.hdr.nlmsg_len   = NLMSG_HDRLEN;
	nl->tx.hdr.nlmsg_type  = type;
	nl->tx.hdr.nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags);
	nl->tx.hdr.nlmsg_seq   = ++nl->seq;

	memcpy(append(nl, len), fixed, len);
}


void netlink_attr(struct netlink *nl, uint16_t type, const void *val,
		  size_t len)
{
	struct nlattr *attr = append(nl, ATTR_HDR + len);

	attr->nla_len  = (uint16_t)(ATTR_HDR + len);
	attr->nla_type = type;
	if (len)
		memcpy((uint8_t *)attr + ATTR_HDR, val, len);
}


size_t netlink_nest(struct netlink *nl, uint16_t type)
{
	const size_t nest = nl->tx.hdr.nlmsg_len;

	netlink_attr(nl, type, NULL, 0);

	return nest;
}


void netlink_nest_end(struct netlink *nl, size_t nest)
{
	struct nlattr *attr = (struct nlattr *)(void *)(nl->tx.buf + nest);

	attr->nla_len = (uint16_t)(nl->tx.hdr.nlmsg_len - nest);
}


/** @return true when the answer is complete; *err is its outcome */
static bool answer(const struct netlink *nl, const struct nlmsghdr *msg,
		   netlink_h *msgh, void *arg, int *err)
{
	const struct nlmsgerr *word = NLMSG_DATA(msg);

	if (msg->nlmsg_seq != nl->seq)
		return false;

	switch (msg->nlmsg_type) {

	case NLMSG_ERROR:
		*err = msg->nlmsg_len < NLMSG_LENGTH(sizeof(word->error))
			? EBADMSG : -word->error;
		return true;

	case NLMSG_DONE:
		*err = 0;
		return true;

	default:
		if (msgh)
			msgh(msg, arg);
		return false;
	}
}


int netlink_talk(struct netlink *nl, netlink_h *msgh, void *arg)
{
	static union {
		struct nlmsghdr hdr;
		uint8_t buf[ANSWER_MAX];
	} rx;
	const bool dump = (nl->tx.hdr.nlmsg_flags & NLM_F_DUMP) == NLM_F_DUMP;
	const struct nlmsghdr *msg;
	uint32_t rest;
	ssize_t n;
	int err = 0;
	bool done = false;

	if (!dump)
		nl->tx.hdr.nlmsg_flags |= NLM_F_ACK;

	n = send(nl->fd, nl->tx.buf, nl->tx.hdr.nlmsg_len, 0);
	if (n < 0)
		err = errno;
	mbedtls_platform_zeroize(&nl->tx, sizeof(nl->tx));

	while (!err && !done) {
		n = recv(nl->fd, rx.buf, sizeof(rx.buf), 0);
		if (n < 0) {
			if (errno == EINTR)
				continue;
			err = errno;
			break;
		}

		rest = (uint32_t)n;
		for (msg = &rx.hdr; !done && NLMSG_OK(msg, rest);
		     msg = NLMSG_NEXT(msg, rest))
			done = answer(nl, msg, msgh, arg, &err);
	}

	/* states of a dump hold their keys */
	mbedtls_platform_zeroize(&rx, sizeof(rx));

	return err;
}


const void *netlink_find(const struct nlmsghdr *msg, size_t fixed,
			 uint16_t type, size_t min)
{
	const uint8_t *p = (const uint8_t *)msg;
	size_t pos = NLMSG_LENGTH(NLMSG_ALIGN(fixed));

	while (pos < msg->nlmsg_len && msg->nlmsg_len - pos >= ATTR_HDR) {

		const struct nlattr *attr = (const void *)(p + pos);

		if (attr->nla_len < ATTR_HDR ||
		    attr->nla_len > msg->nlmsg_len - pos)
			return NULL;
		if (attr->nla_type == type)
			return attr->nla_len - ATTR_HDR < min
				? NULL : p + pos + ATTR_HDR;
		pos += NLMSG_ALIGN((size_t)attr->nla_len);
	}

	return NULL;
}
