/**
 * @file mem.c  What the memory is used for
 *
 *     mem [JSON]
 *
 * Runs simulated lives of a UE (UDP and TCP, half of them over a bad network,
 * messages of the network in between; lives full of sessions, of conferences)
 * and looks at its tables whenever a message passes; then looks up a P-CSCF
 * with libre's DNS client, which lives in the pools. Prints used / peak /
 * size / failed of each table and pool and the sizes of the structs that an
 * application declares, and writes the same to the file JSON.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "ipsec/ipsec.h"
#include "ports/common/pool.h"
#include "ports/common/re_loop.h"
#include "ports/linux/linux_port.h"
#include "sigcomp/sigcomp.h"
#include "test/sim/conf_life.h"
#include "test/sim/net.h"
#include "test/sim/session_life.h"

enum {
	LIVES = 40,
	HOUR_S = 3600,
	WAIT_S = 24 * 3600
};

/** A table of struct ue: how many entries are used */
struct table {
	const char *name;
	unsigned (*count)(const struct ue *ue);
	unsigned size;
	unsigned peak;
	unsigned used;          /**< at the end of lives                 */
};

static unsigned stores_failed;
static struct sim sim;
static struct net net;
static struct sim_ue sim_ue;
static FILE *json;


static unsigned count_flows(const struct ue *ue)
{
	unsigned i, n = 0;

	for (i = 0; i < UE_FLOWS_MAX; i++)
		n += ue->sip.flowv[i].kind != 0;

	return n;
}


static unsigned count_streams(const struct ue *ue)
{
	unsigned i, n = 0;

	for (i = 0; i < UE_FLOWS_MAX; i++)
		n += ue->sip.flowv[i].part.head || ue->sip.flowv[i].wire.head;

	return n;
}


static unsigned count_ctrans(const struct ue *ue)
{
	unsigned i, n = 0;

	for (i = 0; i < UE_CTRANS_MAX; i++)
		n += ue->sip.ctransv[i].state != SIP_CT_FREE;

	return n;
}


static unsigned count_strans(const struct ue *ue)
{
	unsigned i, n = 0;

	for (i = 0; i < UE_STRANS_MAX; i++)
		n += ue->sip.stransv[i].state != SIP_ST_FREE;

	return n;
}


static unsigned count_store(const struct ue *ue)
{
	return (unsigned)sip_store_used(&ue->sip.store);
}


static unsigned count_records(const struct ue *ue)
{
	unsigned i, n = 0;

	for (i = 0; i < UE_SIP_RECORDS; i++)
		n += ue->sip.store.offv[i] != 0;

	return n;
}


static unsigned count_events(const struct ue *ue)
{
	return ue->event_count;
}


static unsigned count_headers(const struct ue *ue)
{
	return ue->sip.rx.hdrc;
}


static unsigned count_sessions(const struct ue *ue)
{
	unsigned i, n = 0;

	for (i = 0; i < UE_SESSIONS_MAX; i++)
		n += ue->sessions.sv[i].state != SESSION_FREE;

	return n;
}


static unsigned count_confs(const struct ue *ue)
{
	unsigned i, n = 0;

	for (i = 0; i < UE_CONFS_MAX; i++)
		n += ue->confs.v[i].state != UE_CONF_FREE;

	return n;
}


static unsigned count_refers(const struct ue *ue)
{
	unsigned i, n = 0;

	for (i = 0; i < UE_REFERS_MAX; i++)
		n += ue->refers.v[i].state != 0;

	return n;
}


static unsigned count_refer_dialogs(const struct ue *ue)
{
	unsigned i, n = 0;

	for (i = 0; i < UE_REFER_DIALOGS; i++)
		n += ue->refers.dlgv[i].state != SIP_DIALOG_NONE;

	return n;
}


#if UE_IPSEC
static unsigned count_sets(const struct ue *ue)
{
	unsigned i, n = 0;

	for (i = 0; i < IPSEC_SETS; i++)
		n += ue->reg.sec.setv[i].state != IMS_SEC_FREE;

	return n;
}
#endif


static struct table tablev[] = {
	{"UE_FLOWS_MAX",   count_flows,   UE_FLOWS_MAX, 0, 0},
	{"UE_STREAMS_MAX", count_streams, UE_STREAMS_MAX, 0, 0},
	{"UE_CTRANS_MAX",  count_ctrans,  UE_CTRANS_MAX, 0, 0},
	{"UE_STRANS_MAX",  count_strans,  UE_STRANS_MAX, 0, 0},
	{"UE_SIP_STORE",   count_store,   UE_SIP_STORE, 0, 0},
	{"UE_SIP_RECORDS", count_records, UE_SIP_RECORDS, 0, 0},
	{"UE_EVENTS_MAX",  count_events,  UE_EVENTS_MAX, 0, 0},
	{"UE_SESSIONS_MAX", count_sessions, UE_SESSIONS_MAX, 0, 0},
	{"UE_CONFS_MAX",   count_confs,   UE_CONFS_MAX, 0, 0},
	{"UE_REFERS_MAX",  count_refers,  UE_REFERS_MAX, 0, 0},
	{"UE_REFER_DIALOGS", count_refer_dialogs, UE_REFER_DIALOGS, 0, 0},
#if UE_IPSEC
	{"IPSEC_SETS",     count_sets,    IPSEC_SETS, 0, 0},
#endif
	{"SIP_HDR_MAX",    count_headers, SIP_HDR_MAX, 0, 0},
};


/** The port's view of each message: the moment to look at the tables */
static void look(void *arg, const struct ue_trace *trace)
{
	const struct sim_ue *u = arg;
	size_t i;

	(void)trace;
	for (i = 0; i < ARRAY_SIZE(tablev); i++) {
		const unsigned n = tablev[i].count(&u->ue);

		if (n > tablev[i].peak)
			tablev[i].peak = n;
	}
}


/** A life is over: nothing may be left */
static void look_last(const struct ue *ue)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(tablev); i++) {
		if (tablev[i].count != count_headers)
			tablev[i].used += tablev[i].count(ue);
	}
	stores_failed += ue->sip.store.failed;
}


static bool outcome(enum ue_event_type good, enum ue_event_type bad)
{
	return sim_wait2(&sim_ue, good, bad, WAIT_S) != NULL;
}


/** A network without conferences: what is asked for is refused, the tables
 *  are used all the same */
static void conference(void)
{
	struct ue_conf *conf;

	(void)ue_conf_watch(&sim_ue.ue, &conf, "sip:conf@example.net", 0);
	(void)ue_conf_join(&sim_ue.ue, &conf, "sip:conf@example.net", NULL);
}


/** Register, an hour with messages of the network, re-register, deregister.
 *  @return NULL, or what went wrong */
static const char *live(uint64_t seed)
{
	struct ue_settings set;

	sim_init(&sim, seed);
	if (seed % 2) {
		sim.link.loss = 20;
		sim.link.dup = 10;
		sim.link.reorder = 20;
		sim.link.segment = true;
	}
	net_init(&net, &sim);
	net.notify_connect = seed % 3 == 0;
	sim_settings(&set, "192.0.2.1:5060");
	set.transport = (enum ue_transport_choice)(seed % 3);
	if (sim_ue_init(&sim_ue, &sim, &set))
		return "ue_init() failed";
	sim_ue.port.trace = look;

	if (sim_ue_register(&sim_ue) || !outcome(UE_EVENT_REGISTERED,
						 UE_EVENT_REGISTER_FAILED))
		return "no outcome of register";
	net_notify(&net, NET_DOC_REGISTERED, 0, "active");
	net_request(&net, "OPTIONS", "");
	conference();
	net_request(&net, "MESSAGE", "");
	net_notify(&net, NET_DOC_PARTIAL, 0, "active");
	if (!sim_run_s(&sim, HOUR_S))
		return sim.broken;
	(void)sim_ue_reregister(&sim_ue);
	(void)sim_run_s(&sim, HOUR_S);
	if (!sim_ue_deregister(&sim_ue))
		(void)outcome(UE_EVENT_DEREGISTERED, UE_EVENT_REGISTER_FAILED);
	(void)sim_run_s(&sim, HOUR_S);
	look_last(&sim_ue.ue);
	sim_ue_close(&sim_ue);

	return sim.broken;
}


/* ------------------------------------------------------- look-ups in pools */

static struct udp_sock *server;
static unsigned answers;


static int answer_add(struct mbuf *mb, const char *name, uint16_t type)
{
	struct dnsrr rr;
	char text[] = "SIP+D2U", flag[] = "s", none[] = "";
	char srv[] = "_sip._udp.ims.example.com";
	char host[] = "pcscf1.ims.example.com";
	char owner[80];

	memset(&rr, 0, sizeof(rr));
	(void)re_snprintf(owner, sizeof(owner), "%s", name);
	rr.name = owner;
	rr.type = type;
	rr.dnsclass = DNS_CLASS_IN;
	rr.ttl = 3600;
	switch (type) {

	case DNS_TYPE_NAPTR:
		rr.rdata.naptr.flags = flag;
		rr.rdata.naptr.services = text;
		rr.rdata.naptr.regexp = none;
		rr.rdata.naptr.replace = srv;
		break;

	case DNS_TYPE_SRV:
		rr.rdata.srv.port = 5060;
		rr.rdata.srv.target = host;
		break;

	default:
		break;
	}

	return dns_rr_encode(mb, &rr, 0, NULL, 0);
}


/** A name server: eight records of the type that is asked for */
static void server_recv(const struct sa *src, struct mbuf *mb, void *arg)
{
	struct mbuf *reply = mbuf_alloc(2048);
	struct dnshdr hdr;
	char *name = NULL;
	uint16_t type;
	unsigned i;

	(void)arg;
	if (!reply || dns_hdr_decode(mb, &hdr) ||
	    dns_dname_decode(mb, &name, 0) || mbuf_get_left(mb) < 4)
		goto out;
	type = ntohs(mbuf_read_u16(mb));

	hdr.qr = true;
	hdr.nans = 8;
	if (dns_hdr_encode(reply, &hdr) ||
	    dns_dname_encode(reply, name, NULL, 0, false) ||
	    mbuf_write_u16(reply, htons(type)) ||
	    mbuf_write_u16(reply, htons(DNS_CLASS_IN)))
		goto out;
	for (i = 0; i < hdr.nans; i++) {
		if (answer_add(reply, name, type))
			goto out;
	}
	reply->pos = 0;
	(void)udp_send(server, src, reply);
 out:
	mem_deref(name);
	mem_deref(reply);
}


static void answer_handler(int err, const struct dnshdr *hdr,
			   struct list *ansl, struct list *authl,
			   struct list *addl, void *arg)
{
	(void)hdr;
	(void)authl;
	(void)addl;
	(void)arg;
	if (!err && list_count(ansl) == 8)
		++answers;
	if (answers == 4 || err)
		re_cancel();
}


/** The four questions about a P-CSCF's name, all at once.
 *  @return NULL, or what went wrong */
static const char *look_up(void)
{
	static const uint16_t typev[] = {DNS_TYPE_NAPTR, DNS_TYPE_SRV,
					 DNS_TYPE_A, DNS_TYPE_AAAA};
	struct dns_query *queryv[ARRAY_SIZE(typev)] = {NULL};
	struct dnsc *dnsc = NULL;
	struct sa addr;
	size_t i;
	int err;

	err = linux_platform_init();
	if (!err)
		err = sa_set_str(&addr, "127.0.0.1", 0);
	if (!err)
		err = udp_listen(&server, &addr, server_recv, NULL);
	if (!err)
		err = udp_local_get(server, &addr);
	if (!err)
		err = dnsc_alloc(&dnsc, NULL, &addr, 1);
	for (i = 0; !err && i < ARRAY_SIZE(typev); i++)
		err = dnsc_query(&queryv[i], dnsc, "ims.example.com",
				 typev[i], DNS_CLASS_IN, true,
				 answer_handler, NULL);
	if (!err)
		err = re_main(NULL);

	for (i = 0; i < ARRAY_SIZE(typev); i++)
		mem_deref(queryv[i]);
	mem_deref(dnsc);
	server = mem_deref(server);
	linux_platform_close();

	return err || answers != 4 ? "a look-up failed" : NULL;
}


/* ----------------------------------------------------------------- output */

static void print_row(const char *what, const char *name, unsigned used,
		      unsigned peak, unsigned size, unsigned failed)
{
	static bool more;

	printf("%-6s %-18s %6u %6u %6u %6u\n", what, name, used, peak, size,
	       failed);
	if (json)
		fprintf(json, "%s\n  {\"kind\": \"%s\", \"name\": \"%s\","
			" \"used\": %u, \"peak\": %u, \"size\": %u,"
			" \"failed\": %u}", more ? "," : "", what, name,
			used, peak, size, failed);
	more = true;
}


/** @return number of objects left or refused, of which there should be none */
static unsigned print_tables(void)
{
	struct pool_stats st;
	unsigned bad = 0;
	char name[20];
	size_t i;

	printf("%-6s %-18s %6s %6s %6s %6s\n", "", "", "used", "peak",
	       "size", "failed");
	if (json)
		fprintf(json, "{\"tables\": [");
	for (i = 0; i < ARRAY_SIZE(tablev); i++) {
		const struct table *t = &tablev[i];
		print_row("table", t->name, t->used, t->peak, t->size,
			  t->count == count_store ? stores_failed : 0);
		bad += t->used;
	}
	for (i = 0; !pool_stats_get(&st, i); i++) {
		(void)snprintf(name, sizeof(name), "%u octets",
			       (unsigned)st.size);
		print_row("pool", name, st.used, st.peak, st.count,
			  st.failed);
		bad += st.used + st.failed;
	}

	return bad + stores_failed + pool_too_large() + pool_misused();
}


static void print_sizes(void)
{
	static const struct {
		const char *name;
		size_t size;
	} sizev[] = {
		{"struct ue",                  sizeof(struct ue)},
		{"struct sip",                 sizeof(struct sip)},
		{"struct ims_reg",             sizeof(struct ims_reg)},
		{"struct ims_sec",             sizeof(struct ims_sec)},
		{"struct sip_dialog",          sizeof(struct sip_dialog)},
		{"struct sessions",            sizeof(struct sessions)},
		{"struct subscription",        sizeof(struct subscription)},
		{"struct ue_conf",             sizeof(struct ue_conf)},
		{"struct roster",              sizeof(struct roster)},
		{"struct confs",               sizeof(struct confs)},
		{"struct refers",              sizeof(struct refers)},
		{"struct messaging",           sizeof(struct messaging)},
		{"struct file",                sizeof(struct file)},
		{"struct sigcomp",             sizeof(struct sigcomp)},
		{"struct sigcomp_compartment",
		 sizeof(struct sigcomp_compartment)},
		{"struct ipsec",               sizeof(struct ipsec)},
	};
	size_t i;

	if (json)
		fprintf(json, "],\n \"sizeof\": {");
	printf("\n");
	for (i = 0; i < ARRAY_SIZE(sizev); i++) {
		printf("sizeof %-28s %7u octets\n", sizev[i].name,
		       (unsigned)sizev[i].size);
		if (json)
			fprintf(json, "%s\n  \"%s\": %u", i ? "," : "",
				sizev[i].name, (unsigned)sizev[i].size);
	}
	if (json)
		fprintf(json, "}}\n");
}


int main(int argc, char *argv[])
{
	const char *why = NULL;
	struct life life;
	uint64_t seed;
	unsigned bad;

	if (argc > 2) {
		fprintf(stderr, "usage: mem [JSON]\n");
		return 2;
	}
	if (argc == 2) {
		json = fopen(argv[1], "w");
		if (!json) {
			perror(argv[1]);
			return 2;
		}
	}

	for (seed = 1; !why && seed <= LIVES; seed++)
		why = live(seed);
	session_life_trace = look;
	for (seed = 1; !why && seed <= LIVES; seed++)
		why = session_life_run(&life, seed);
	conf_life_trace = look;
	for (seed = 1; !why && seed <= LIVES; seed++)
		why = conf_life_run(&life, seed);
	races_trace = look;
	for (seed = 1; !why && seed <= LIVES; seed++)
		why = races_run(&life, seed);
	if (!why)
		why = look_up();

	bad = print_tables();
	print_sizes();
	if (json)
		(void)fclose(json);

	if (why)
		fprintf(stderr, "mem: %s\n", why);
	if (bad)
		fprintf(stderr, "mem: %u objects left or refused\n", bad);

	return why || bad ? 1 : 0;
}
