/**
 * @file netlink.h  Requests to the kernel by netlink(7), one at a time
 */
#ifndef LINUX_NETLINK_H
#define LINUX_NETLINK_H

#include <stddef.h>
#include <stdint.h>
#include <linux/netlink.h>

struct netlink {
	int fd;                         /**< -1 = closed                 */
	uint32_t seq;
	union {
		struct nlmsghdr hdr;
		uint8_t buf[2048];
	} tx;                           /**< the request being written   */
};

/** One message of the answer */
typedef void (netlink_h)(const struct nlmsghdr *msg, void *arg);

/** @return 0 or an errno of socket(2) */
int  netlink_open(struct netlink *nl, int protocol);
void netlink_close(struct netlink *nl);

/** Begin a request with its fixed part; NLM_F_REQUEST is understood */
void netlink_begin(struct netlink *nl, uint16_t type, uint16_t flags,
		   const void *fixed, size_t len);

/** Append an attribute.  There is room for all that is written here */
void netlink_attr(struct netlink *nl, uint16_t type, const void *val,
		  size_t len);

/** Attributes in an attribute, between these two */
size_t netlink_nest(struct netlink *nl, uint16_t type);
void netlink_nest_end(struct netlink *nl, size_t nest);

/**
 * Send the request and wait for the kernel's word, which comes at once
 *
 * @param msgh  Told about every message of the answer; may be NULL
 *
 * The request is wiped: it may have held keys.
 *
 * @return 0 or the kernel's errno
 */
int  netlink_talk(struct netlink *nl, netlink_h *msgh, void *arg);

/** An attribute of a message whose fixed part has this length; NULL = not
 *  there or shorter than min */
const void *netlink_find(const struct nlmsghdr *msg, size_t fixed,
			 uint16_t type, size_t min);

#endif
