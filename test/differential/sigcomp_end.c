/**
 * @file sigcomp_end.c  sigcomp/ behind a pipe: one endpoint, one compartment
 *
 * Standard input holds records: a letter, a length in four octets (network
 * order), content.
 *
 *     R  begin anew: log2 of dms, of sms (0: none), cycles_per_bit, version
 *     d  a datagram, not accepted        D  the same, accepted
 *     s  a message of a stream           S  the same, accepted
 *
 * Each but R is answered by a line of JSON.
 */
#include <stdio.h>
#include <string.h>
#include "sigcomp/state.h"

enum { RECORD_MAX = 131072 };

static struct {
	struct sigcomp sc;
	struct sigcomp_compartment comp;
	uint64_t arena[131072 / 8 + 1];
	uint64_t mem[(65536 + SIGCOMP_MEM_PAD) / 8];
	uint8_t out[65536];
	uint8_t buf[RECORD_MAX];
} e;


static void hex(const char *name, const uint8_t *p, size_t len)
{
	printf(", \"%s\": \"", name);
	for (size_t i = 0; i < len; i++)
		printf("%02x", p[i]);
	putchar('"');
}


static int begin(const uint8_t *p)
{
	const struct sigcomp_settings set = {
		.dms = 1u << p[0], .cpb = p[2], .version = p[3],
		.mem = (uint8_t *)e.mem, .mem_size = sizeof(e.mem)
	};

	memset(&e.comp, 0, sizeof(e.comp));

	return sigcomp_init(&e.sc, &set) ||
		sigcomp_open(&e.sc, &e.comp, e.arena, p[1] ? 1u << p[1] : 0,
			     NULL, 0);
}


/** Everything that messages have left behind */
static void state(void)
{
	const struct sigcomp_peer *peer = &e.comp.peer;
	const char *comma = "";

	printf(", \"sms\": %u, \"peer\": [%u, %u, %u, %u]", e.comp.sms,
	       peer->cpb, peer->dms, peer->sms, peer->version);
	hex("item", e.comp.item, e.comp.item_len);
	printf(", \"ids\": [");
	for (unsigned i = 0; i < e.comp.announced_n; i++) {
		printf("%s%u", comma, e.comp.announced_len[i]);
		comma = ", ";
	}
	printf("], \"states\": [");
	comma = "";
	for (uint32_t pos = 0; pos < e.comp.fill; ) {
		const struct sigcomp_record *rec =
			(const void *)(e.comp.arena + pos);

		printf("%s{\"age\": %u, \"words\": [%u, %u, %u, %u, %u]",
		       comma, rec->age, rec->len, rec->addr, rec->instr,
		       rec->minacc, rec->prio);
		hex("id", rec->id, SIGCOMP_ID_LEN);
		putchar('}');
		pos += sigcomp_record_size(rec->len);
		comma = ", ";
	}
	printf("]");
}


static void message(size_t len, bool stream, bool accept)
{
	uint8_t nack[SIGCOMP_NACK_MAX];
	struct sigcomp_result res;
	size_t n;
	int err;

	err = sigcomp_decompress(&res, &e.sc, e.out, sizeof(e.out), e.buf,
				 len, stream);
	printf("{\"reason\": \"%s\", \"nack\": %s, \"cycles\": %u, "
	       "\"at\": [%u, %u]",
	       err ? sigcomp_reason_name(res.reason) : "",
	       !err && res.kind == SIGCOMP_NACK ? "true" : "false",
	       res.cycles, e.sc.opcode, e.sc.pc);
	if (err) {
		n = 0;
		(void)sigcomp_nack(&n, &e.sc, nack, sizeof(nack), e.buf, len);
		hex("reply", nack, n);
	}
	else if (res.kind == SIGCOMP_TEXT) {
		if (res.has_output)
			hex("output", e.out, res.len);
		if (accept)
			(void)sigcomp_accept(&e.sc, &e.comp);
		else
			sigcomp_discard(&e.sc);
	}
	state();
	puts("}");
	fflush(stdout);
}


int main(void)
{
	uint8_t head[5];

	while (fread(head, 1, sizeof(head), stdin) == sizeof(head)) {

		const size_t len = udvm_get(head + 1) << 16 |
			udvm_get(head + 3);

		if (len > sizeof(e.buf) ||
		    fread(e.buf, 1, len, stdin) != len)
			return 1;
		if (head[0] == 'R') {
			if (len != 4 || begin(e.buf))
				return 1;
		}
		else {
			message(len, head[0] == 's' || head[0] == 'S',
				head[0] == 'D' || head[0] == 'S');
		}
	}

	return 0;
}
