/**
 * @file inet.c  Addresses as text for libre, by the UE's own functions:
 *               libre's would bring sprintf(), and that a heap
 */
#include <errno.h>
#include <string.h>
#include "ue/ue_addr.h"
#include <re_sa.h>

int net_inet_ntop(const struct sa *sa, char *buf, int size);
int net_inet_pton(const char *text, struct sa *sa);


int net_inet_ntop(const struct sa *sa, char *buf, int size)
{
	struct ue_addr addr = {.family = sa_af(sa) == AF_INET6 ? 6 : 4};
	char str[UE_ADDR_STR];

	if (addr.family == 6)
		memcpy(addr.ip, &sa->u.in6.sin6_addr, 16);
	else
		memcpy(addr.ip, &sa->u.in.sin_addr, 4);

	(void)ue_addr_print(str, &addr, UE_ADDR_PLAIN);
	if (size < 1 || strlen(str) >= (size_t)size)
		return ENOSPC;
	(void)strcpy(buf, str);

	return 0;
}


int net_inet_pton(const char *text, struct sa *sa)
{
	struct ue_addr addr;
	struct pl pl;

	pl_set_str(&pl, text);
	if (ue_addr_decode(&addr, &pl))
		return EINVAL;

	if (addr.family == 6)
		sa_set_in6(sa, addr.ip, 0);
	else
		sa_set_in(sa, (uint32_t)addr.ip[0] << 24 |
			  (uint32_t)addr.ip[1] << 16 |
			  (uint32_t)addr.ip[2] << 8 | addr.ip[3], 0);

	return 0;
}
