/**
 * @file test_nv_slots.c  Non-volatile values in two slots of flash
 */
#include <errno.h>
#include <string.h>
#include "ports/common/nv_slots.h"
#include "test/unit/test.h"


/** A flash whose power fails after so many octets of a write */
static struct {
	struct nv_slot slotv[2];
	size_t good;            /* octets until the power fails */
	unsigned writes;
	bool unreadable;
	int unreadable_slot;    /* -1: none */
} flash;

static struct nv_slots nv;


static int flash_read(void *arg, unsigned slot, void *buf, size_t len)
{
	(void)arg;
	if (flash.unreadable || flash.unreadable_slot == (int)slot)
		return EIO;
	memcpy(buf, &flash.slotv[slot], len);

	return 0;
}


static int flash_write(void *arg, unsigned slot, const void *buf, size_t len)
{
	const size_t n = len < flash.good ? len : flash.good;

	(void)arg;
	++flash.writes;
	memcpy(&flash.slotv[slot], buf, n);
	flash.good -= n;

	return n == len ? 0 : EIO;
}


static int boot(void)
{
	return nv_slots_open(&nv, flash_read, flash_write, NULL);
}


static int start(void)
{
	memset(&flash, 0, sizeof(flash));
	memset(flash.slotv, 0xff, sizeof(flash.slotv));
	flash.good = SIZE_MAX;
	flash.unreadable_slot = -1;

	return boot();
}


static bool holds(const char *key, const char *val)
{
	char buf[NV_SLOTS_SIZE];
	size_t len = sizeof(buf);

	return !nv_slots_read(&nv, key, buf, &len) && len == strlen(val) &&
		!memcmp(buf, val, len);
}


static int put(const char *key, const char *val)
{
	return nv_slots_write(&nv, key, val, strlen(val));
}


static void values(void)
{
	CHECK_EQ(start(), 0);
	CHECK_EQ(nv_slots_read(&nv, "a", &(char){0}, &(size_t){1}), ENOENT);

	CHECK_EQ(put("a", "one"), 0);
	CHECK_EQ(put("bc", ""), 0);
	CHECK_EQ(put("a", "another"), 0);
	CHECK(holds("a", "another"));
	CHECK(holds("bc", ""));
	CHECK_EQ(nv_slots_read(&nv, "b", &(char){0}, &(size_t){1}), ENOENT);
	CHECK_EQ(nv_slots_read(&nv, "a", &(char){0}, &(size_t){6}),
		 EOVERFLOW);

	CHECK_EQ(boot(), 0);
	CHECK(holds("a", "another"));
	CHECK(holds("bc", ""));
}


static void cut(void)
{
	size_t n;

	for (n = 0; n <= sizeof(struct nv_slot); n++) {
		CHECK_EQ(start(), 0);
		CHECK_EQ(put("sqn", "old"), 0);
		CHECK_EQ(put("other", "x"), 0);

		flash.good = n;
		CHECK_EQ(put("sqn", "new"),
			 n < sizeof(struct nv_slot) ? EIO : 0);

		flash.good = SIZE_MAX;
		CHECK_EQ(boot(), 0);
		CHECK(holds("other", "x"));
		if (n < sizeof(struct nv_slot))
			CHECK(holds("sqn", "old") || holds("sqn", "new"));
		else
			CHECK(holds("sqn", "new"));

		/* and life goes on */
		CHECK_EQ(put("sqn", "next"), 0);
		CHECK_EQ(boot(), 0);
		CHECK(holds("sqn", "next"));
	}
}


static void failed(void)
{
	CHECK_EQ(start(), 0);
	CHECK_EQ(put("a", "one"), 0);
	flash.good = 100;
	CHECK_EQ(put("a", "two"), EIO);
	CHECK(holds("a", "one"));

	/* the whole slot is never put at risk by a second try */
	flash.good = 100;
	CHECK_EQ(put("a", "three"), EIO);
	flash.good = SIZE_MAX;
	CHECK_EQ(boot(), 0);
	CHECK(holds("a", "one"));
}


static void full(void)
{
	char big[NV_SLOTS_SIZE] = "";

	CHECK_EQ(start(), 0);
	CHECK_EQ(put("a", "one"), 0);
	CHECK_EQ(nv_slots_write(&nv, "big", big, sizeof(big)), ENOSPC);
	CHECK_EQ(put("", "x"), EINVAL);
	CHECK_EQ(put("0123456789abcdef", "x"), EINVAL);
	CHECK(holds("a", "one"));
	CHECK_EQ(flash.writes, 1);

	/* to the last octet: two entries with three octets each, "a" gone */
	CHECK_EQ(nv_slots_write(&nv, "big", big, sizeof(big) - 7 - 6), 0);
	CHECK(holds("a", "one"));
	CHECK_EQ(put("c", ""), ENOSPC);
}


static void wear(void)
{
	CHECK_EQ(start(), 0);
	CHECK_EQ(put("a", "one"), 0);
	nv.slot.count = UINT32_MAX - 1;
	CHECK_EQ(put("a", "two"), 0);
	CHECK_EQ(put("a", "three"), 0);
	CHECK_EQ(boot(), 0);
	CHECK(holds("a", "three"));
}


static void damaged(void)
{
	CHECK_EQ(start(), 0);
	CHECK_EQ(put("a", "one"), 0);
	flash.slotv[0].data[5] ^= 1;
	CHECK_EQ(boot(), 0);
	CHECK_EQ(nv_slots_read(&nv, "a", &(char){0}, &(size_t){1}), ENOENT);

	flash.unreadable = true;
	CHECK_EQ(boot(), EIO);
}


/* A power cut leaves one slot whole, or the other one as it was delivered.
 * Sequence numbers that are lost are not those of a new device */
static void worn_out(void)
{
	CHECK_EQ(start(), 0);
	CHECK_EQ(put("sqn", "one"), 0);
	CHECK_EQ(put("sqn", "two"), 0);
	flash.slotv[0].data[5] ^= 1;
	CHECK_EQ(boot(), 0);
	CHECK(holds("sqn", "two"));
	flash.slotv[1].data[5] ^= 1;
	CHECK_EQ(boot(), EBADMSG);
	CHECK(!holds("sqn", "two"));

	/* one cannot be read any more */
	flash.unreadable_slot = 1;
	CHECK_EQ(boot(), EIO);
	flash.unreadable_slot = 0;
	CHECK_EQ(boot(), EIO);

	/* erased on purpose, as ones or as zeros */
	flash.unreadable_slot = -1;
	memset(&flash.slotv[0], 0xff, sizeof(flash.slotv[0]));
	CHECK_EQ(boot(), 0);
	memset(&flash.slotv[0], 0, sizeof(flash.slotv[0]));
	CHECK_EQ(boot(), 0);
	CHECK_EQ(put("sqn", "three"), 0);
	CHECK_EQ(boot(), 0);
	CHECK(holds("sqn", "three"));
}


/* It may be the newer one, or the only one that was written to */
static void unreadable(void)
{
	CHECK_EQ(start(), 0);
	CHECK_EQ(put("sqn", "five"), 0);
	flash.unreadable_slot = 0;
	CHECK_EQ(boot(), EIO);

	flash.unreadable_slot = -1;
	CHECK_EQ(boot(), 0);
	CHECK_EQ(put("sqn", "six"), 0);
	flash.unreadable_slot = 1;
	CHECK_EQ(boot(), EIO);
	CHECK(!holds("sqn", "five"));

	flash.unreadable_slot = -1;
	CHECK_EQ(boot(), 0);
	CHECK(holds("sqn", "six"));
}


const struct test_case suite_nv_slots[] = {
	{"values are written, replaced and read after a restart", values},
	{"power cut at every octet: the old or the new values", cut},
	{"a failed write changes nothing, nor does the next", failed},
	{"full: ENOSPC, and what was there stays", full},
	{"the counter of writes wraps", wear},
	{"a damaged slot counts for nothing", damaged},
	{"two damaged slots are not an empty memory", worn_out},
	{"a slot that cannot be read: older values do not come back",
	 unreadable},
	{NULL, NULL}
};
