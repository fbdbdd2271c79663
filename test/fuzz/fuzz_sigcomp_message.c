/**
 * @file fuzz_sigcomp_message.c  libFuzzer target: hostile SigComp messages
 *
 * Input: one byte of settings, then records of two bytes (what to do with
 * the message, and its length) and the message:
 *
 *   settings  bits 0-1 memory size, bit 2 version 1, bit 3 stream rules,
 *             bit 4: all that follows is one byte stream with record marking
 *   record    bits 15-14: discard, accept for compartment 0, 1, discard
 *             bits 13-0: length
 *
 * A good state made before must still be there after all that was discarded.
 */
#include <stdlib.h>
#include <string.h>
#include "sigcomp/state.h"

enum { SMS = 2048, OUT = 65536, STREAM_BUF = 4096, CPB = 16 };

static struct {
	struct sigcomp sc;
	struct sigcomp_compartment comp[3];
	/* as in struct sigcomp_storage */
	_Alignas(8) uint64_t arena[3][SMS / 8 + 1];
	_Alignas(8) uint64_t mem[(65536 + SIGCOMP_MEM_PAD) / 8];
	uint8_t out[OUT];
	uint8_t buf[STREAM_BUF];
} f;

/* uploads code that saves 26 bytes of itself as a state */
static const uint8_t good[] = {
	0xf8, 0x00, 0xd1, 0x23, 0x00, 0x00, 0x1a, 0x87, 0x00, 0x06, 0x00, 0x00,
	0x00, 0x00, 0x00, 0x00
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);


static void must(bool cond)
{
	if (!cond)
		abort();
}


static void check_compartment(const struct sigcomp_compartment *comp)
{
	uint32_t pos = 0, cost = 0;

	must(comp->fill <= comp->arena_size);
	must(comp->cost <= comp->sms);

	while (pos < comp->fill) {
		const struct sigcomp_record *rec =
			(const void *)(comp->arena + pos);

		cost += rec->len + 64u;
		pos += sigcomp_record_size(rec->len);
	}

	must(pos == comp->fill && cost == comp->cost);
}


static void one(const uint8_t *msg, size_t len, unsigned what, bool stream)
{
	const uint32_t fill = f.comp[0].fill, seq = f.comp[0].seq;
	uint8_t nack[SIGCOMP_NACK_MAX];
	struct sigcomp_result res;
	size_t n;
	int err;

	err = sigcomp_decompress(&res, &f.sc, f.out, sizeof(f.out), msg, len,
				 stream);

	must(res.cycles <= res.budget || !res.budget);
	must(res.budget <= (8 * len + 1000) * CPB);
	must(f.comp[0].fill == fill && f.comp[0].seq == seq);

	if (err) {
		must(res.reason != SIGCOMP_OK);
		err = sigcomp_nack(&n, &f.sc, nack, sizeof(nack), msg, len);
		must(err || n <= SIGCOMP_NACK_MAX);
	}
	else if (res.kind == SIGCOMP_TEXT && (what == 1 || what == 2)) {
		must(sigcomp_accept(&f.sc, &f.comp[what - 1]) == 0);
		check_compartment(&f.comp[what - 1]);
	}
	else {
		sigcomp_discard(&f.sc);
	}
}


static void stream_input(const uint8_t *data, size_t len)
{
	struct sigcomp_stream st;
	const uint8_t *msg;
	size_t used, n;
	int err;

	sigcomp_stream_init(&st, f.buf, sizeof(f.buf));

	while (len) {
		const size_t piece = 1 + data[0] % 7u;

		err = sigcomp_stream_feed(&st, &msg, &n, data,
					  piece < len ? piece : len, &used);
		if (!err)
			one(msg, n, 1, true);
		else if (st.dead)
			return;

		data += used;
		len -= used;
	}
}


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const uint32_t dms[4] = { 2048, 8192, 65536, 131072 };
	struct sigcomp_settings set = {
		.cpb = CPB, .mem = (uint8_t *)f.mem, .mem_size = sizeof(f.mem)
	};
	struct sigcomp_result res;
	struct sigcomp_state st;
	uint8_t id[SIGCOMP_ID_LEN];
	unsigned i;

	if (!len)
		return 0;

	set.dms = dms[data[0] & 3];
	set.version = data[0] & 4 ? 1 : 2;
	must(sigcomp_init(&f.sc, &set) == 0);
	for (i = 0; i < 3; ++i)
		must(sigcomp_open(&f.sc, &f.comp[i], f.arena[i], SMS, NULL,
				  0) == 0);

	must(sigcomp_decompress(&res, &f.sc, f.out, sizeof(f.out), good,
				sizeof(good), false) == 0);
	must(sigcomp_accept(&f.sc, &f.comp[2]) == 0);
	must(f.comp[2].fill > 0);
	memcpy(id, ((const struct sigcomp_record *)(const void *)
		    f.comp[2].arena)->id, sizeof(id));

	if (data[0] & 16) {
		stream_input(data + 1, len - 1);
	}
	else {
		const bool stream = data[0] & 8;
		size_t pos = 1;

		while (len - pos >= 2) {
			const unsigned what = data[pos] >> 6;
			size_t n = udvm_get(data + pos) & 0x3fff;

			pos += 2;
			if (n > len - pos)
				n = len - pos;
			one(data + pos, n, what, stream);
			pos += n;
		}
	}

	must(sigcomp_find(&st, &f.sc, id, sizeof(id)) == 0);
	must(st.len == 26);

	return 0;
}
