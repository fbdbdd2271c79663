/**
 * @file test_ue_addr.c  IP addresses as text
 */
#include <errno.h>
#include <string.h>
#include "test/unit/test.h"
#include "ue/ue_addr.h"


static const char *again(const char *text, enum ue_addr_style style)
{
	static char str[UE_ADDR_STR];
	struct ue_addr a;
	struct pl pl;

	pl_set_str(&pl, text);
	if (ue_addr_decode(&a, &pl))
		return "refused";

	a.port = 5060;

	return ue_addr_print(str, &a, style);
}


static void ipv4(void)
{
	CHECK_STR(again("1.2.3.4", UE_ADDR_PLAIN), "1.2.3.4");
	CHECK_STR(again("255.255.255.255", UE_ADDR_HOSTPORT),
		  "255.255.255.255:5060");
	CHECK_STR(again("0.0.0.0", UE_ADDR_HOST), "0.0.0.0");
}


static void ipv6(void)
{
	CHECK_STR(again("2001:DB8::1", UE_ADDR_PLAIN), "2001:db8::1");
	CHECK_STR(again("[2001:db8::1]", UE_ADDR_HOST), "[2001:db8::1]");
	CHECK_STR(again("::", UE_ADDR_PLAIN), "::");
	CHECK_STR(again("::1", UE_ADDR_HOSTPORT), "[::1]:5060");
	CHECK_STR(again("1::", UE_ADDR_PLAIN), "1::");
	CHECK_STR(again("::ffff:192.0.2.33", UE_ADDR_PLAIN),
		  "::ffff:c000:221");
	CHECK_STR(again("1:2:3:4:5:6:7:8", UE_ADDR_PLAIN),
		  "1:2:3:4:5:6:7:8");
	CHECK_STR(again("1:2:3:4:5:6:1.2.3.4", UE_ADDR_PLAIN),
		  "1:2:3:4:5:6:102:304");
	/* RFC 5952 s4.2.2: one group is not shortened; s4.2.3: the longest,
	   then the first */
	CHECK_STR(again("2001:db8:0:1:1:1:1:1", UE_ADDR_PLAIN),
		  "2001:db8:0:1:1:1:1:1");
	CHECK_STR(again("2001:0:0:1:0:0:0:1", UE_ADDR_PLAIN),
		  "2001:0:0:1::1");
	CHECK_STR(again("2001:db8:0:0:1:0:0:1", UE_ADDR_PLAIN),
		  "2001:db8::1:0:0:1");
	CHECK_STR(again("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
			UE_ADDR_HOSTPORT),
		  "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:5060");
}


static void refused(void)
{
	static const char *const badv[] = {
		"", "1.2.3", "1.2.3.4.5", "256.1.1.1", "1.2.3.", "1..2.3",
		"0001.2.3.4", "a.b.c.d", "example.net", "1.2.3.4 ", ":", ":::",
		"1:2", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1::2::3",
		"12345::", "::g", "1:", ":1", "[::1", "::1]", "[1.2.3.4]",
		"1:2:3:4:5:6:7:1.2.3.4", "::1.2.3", "fe80::1%eth0",
		"1:2:3:4:5:6:7::8:9", "::1:2:3:4:5:6:7:8",
		"1:2:3:4:5:6:7:8::", "[]"
	};
	unsigned i;

	for (i = 0; i < sizeof(badv) / sizeof(badv[0]); i++)
		CHECK_STR(again(badv[i], UE_ADDR_PLAIN), "refused");
}


static void compare(void)
{
	struct ue_addr a = {4, {1, 2, 3, 4}, 1}, b = {4, {1, 2, 3, 4}, 2};

	b.ip[9] = 9;            /* not part of an IPv4 address */
	CHECK(ue_addr_same_ip(&a, &b));
	CHECK(!ue_addr_equal(&a, &b));
	b.port = 1;
	CHECK(ue_addr_equal(&a, &b));
	b.family = 6;
	CHECK(!ue_addr_same_ip(&a, &b));
	a.family = 6;
	CHECK(!ue_addr_same_ip(&a, &b));
}


const struct test_case suite_ue_addr[] = {
	{"an IPv4 address is read and printed", ipv4},
	{"RFC 5952 s4: an IPv6 address is printed in its one short form",
	 ipv6},
	{"what is no IP address is refused", refused},
	{"addresses are compared with and without port", compare},
	{NULL, NULL}
};
