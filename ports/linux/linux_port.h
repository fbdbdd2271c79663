/**
 * @file linux_port.h  struct ue_port on Linux: sockets, DNS, files, clock
 *
 * One thread, libre's loop.  All state is in struct linux_port, which the
 * program declares.  The order of a program:
 *
 *     linux_platform_init();
 *     linux_port_init(&port, &ue);
 *     // as needed: nv_file_open(), linux_usim_open() or _open_soft(),
 *     // linux_resolver_init(), linux_port_esp()
 *     ue_init(&ue, &settings, &port.port, event_handler, NULL);
 *     ue_register(&ue);                  // and other commands
 *     re_main(NULL);                     // until re_cancel()
 *     linux_flow_cut(&port);             // with ESP
 *     ue_close(&ue);
 *     linux_port_close(&port);
 *     linux_platform_close();
 *
 * Commands are given before re_main() or from handlers in it; the rest is by
 * itself.  The members that a program may set between linux_port_init() and
 * ue_init() are `identity`, `traceh`, `keysh` and their `arg`.
 */
#ifndef LINUX_PORT_H
#define LINUX_PORT_H

#include <stdio.h>
#include <mbedtls/ssl.h>
#include "ports/common/re_port.h"
#include "ports/linux/esp.h"
#include "ports/linux/usim.h"
#include "ue/ue.h"

/** Octets that a TCP flow takes while the socket is full */
#define LINUX_OUT_MAX (4 * UE_SIP_MSG_MAX)

/** Octets read at once from an MSRP connection, and held when the core has no
 *  room */
#define LINUX_HELD_MAX 262144

/** Values and their sizes in the non-volatile store */
#define NV_KEY_MAX 16
#define NV_VALUE_MAX 512
#define NV_ENTRIES 8

#if UE_MSRP_TLS
/** TLS of an MSRP connection */
struct linux_tls {
	mbedtls_ssl_context ssl;
	bool on;
	bool ready;                     /**< the handshake is over       */
	unsigned reads;                 /**< left in this turn           */
	size_t out_len;
	uint8_t out[8192];              /**< records the socket has no
					 *   room for                    */
};
#endif

struct linux_flow {
	struct linux_port *port;
	unsigned num;
	int fd;                         /**< -1 = free                   */
	enum ue_flow_kind kind;
	bool connecting;
	bool protect;
	struct ue_addr local;
	struct ue_addr remote;
	bool full;                      /**< MSRP: waits for room        */
	bool broken;                    /**< nothing can be sent any more */
	bool secure;                    /**< MSRP over TLS               */
	struct tmr tmr;                 /**< MSRP: time to be connected  */
#if UE_MSRP_TLS
	struct linux_tls *tls;
#endif
	uint8_t *held;                  /**< MSRP: what was not taken    */
	size_t held_len;
	size_t out_len;
	uint8_t out[LINUX_OUT_MAX];
};

struct nv_entry {
	char key[NV_KEY_MAX];           /**< empty = free                */
	uint16_t len;
	uint8_t value[NV_VALUE_MAX];
};

/** Non-volatile store: a file that is replaced as a whole */
struct nv_file {
	char path[256];                 /**< empty: in memory only       */
	struct nv_entry entryv[NV_ENTRIES];
};

/** A name on the way to addresses: an SRV name, or a host with its port */
struct linux_target {
	char name[256];
	uint16_t port;
	enum ue_transport transport;
};

/** One look-up of a P-CSCF name (RFC 3263) */
struct linux_resolver {
	struct dnsc *dnsc;              /**< NULL = no name server known */
	bool fixed;                     /**< by a setting                */
	struct dns_query *query;
	uint32_t id;                    /**< of this look-up             */
	char name[256];
	enum ue_transport want;         /**< 0 = any                     */
	struct linux_target srvv[UE_PCSCF_MAX];
	unsigned srv_count;
	unsigned srv_pos;
	struct linux_target hostv[UE_PCSCF_MAX];
	unsigned host_count;
	unsigned host_pos;
	bool ipv6;                      /**< AAAA of hostv[host_pos]     */
	struct ue_addr addrv[UE_PCSCF_MAX];
	enum ue_transport transportv[UE_PCSCF_MAX];
	size_t count;
};

typedef void (linux_trace_h)(const struct ue_trace *trace, void *arg);

/** Keys of associations, for a capture that is to be read.  Wiped by the
 *  caller */
typedef void (linux_keys_h)(const struct ipsec_params *prm,
			    const struct ipsec_keys *keys, void *arg);

struct linux_port {
	struct ue_port port;            /**< for ue_init()               */
	struct ue *ue;
	struct tmr tmr;
	bool woken;
	struct linux_flow flowv[UE_FLOWS_ALL];
	uint8_t heldv[MSRP_CONNS][LINUX_HELD_MAX];
#if UE_MSRP_TLS
	struct linux_tls tlsv[MSRP_CONNS];
#endif
	struct linux_esp esp;
	struct linux_resolver resolver;
	struct nv_file nv;
	struct ue_identity identity;    /**< settings in place of a card's */
	struct linux_usim usim;
	linux_trace_h *traceh;
	linux_keys_h *keysh;
	void *arg;
};

/* ---- linux_port.c ---- */

/**
 * Fill the table; after linux_platform_init()
 *
 * @param lp  Port, overwritten
 * @param ue  The UE that will be given lp->port
 */
void linux_port_init(struct linux_port *lp, struct ue *ue);

/** Close flows, TLS, ESP, resolver and card; after ue_close() */
void linux_port_close(struct linux_port *lp);

/** ue_poll(), and the timer for its next time.  Needs no call after commands
 *  and inputs: `wake` of the table sees to it */
void linux_port_pump(struct linux_port *lp);

/**
 * Have ESP ready for a UE with UE_SEC_IPSEC, before ue_init()
 *
 * @param lp    Port
 * @param mode  The way, or LINUX_ESP_AUTO
 * @param what  Result on failure: which step it was, for people; constant
 *
 * @return 0; EPERM without CAP_NET_ADMIN and, for TUN, CAP_NET_RAW; ENOTSUP,
 *         ENOENT, ... the system has it not; ENOTSUP also with UE_IPSEC=0
 */
int  linux_port_esp(struct linux_port *lp, enum linux_esp_mode mode,
		    const char **what);

/* ---- platform.c ---- */

/** Random numbers and libre's loop: before anything else, once in a process.
 *  @return 0; EIO no entropy; an errno of libre_init() */
int  linux_platform_init(void);

/** The end of both: after everything else */
void linux_platform_close(void);

/**
 * Start a file that only its owner reads, or write to a pipe or a device
 *
 * @param fp    Result, to be closed by fclose()
 * @param path  Its name
 *
 * @return 0; ELOOP a symbolic link; EPERM somebody else's file, or one with
 *         another name; another errno
 */
int  linux_private_file(FILE **fp, const char *path);

/* ---- flow.c ---- */

/** Before ue_close(), where there is ESP: closing resets protected
 *  connections, of which nothing may be left to the kernel, which has no keys
 *  then */
void linux_flow_cut(struct linux_port *lp);

/* private: between the files of the port */

/** All flows are free; flow_*() and flow_sendv() of the table */
void linux_flow_init(struct linux_port *lp);

/** Close what ue_close() has left open */
void linux_flow_close_all(struct linux_port *lp);

/** Wait for what the flow needs now: octets, unless some are held; room, while
 *  it connects or something is to be sent */
void linux_flow_watch(struct linux_flow *f);

/** The flow has ended by itself: free it, ue_flow_closed() with err */
void linux_flow_lost(struct linux_flow *f, int err);

/** Our address as the system's.  @return length of what is used of ss */
socklen_t linux_sockaddr_set(struct sockaddr_storage *ss,
			     const struct ue_addr *addr);

/* ---- stream.c: connections for MSRP; private ---- */

/** flow_sendv() of struct ue_port */
size_t linux_stream_sendv(void *arg, unsigned num, const struct ue_iov *iov,
			  unsigned n);

/** The socket of a flow that is connected has octets, or room */
void linux_stream_event(struct linux_flow *f, bool readable, bool writable);

/** Offer again what the UE has not taken; after each ue_poll() */
void linux_stream_retry(struct linux_port *lp);

/* ---- tls.c: connections whose flow is `secure`; private ---- */

#if UE_MSRP_TLS
/** The socket is connected: go on with the handshake (stream.c) */
void linux_stream_secure(struct linux_flow *f);

/** Begin a handshake.  @return 0; ENOMEM; EIO no key or certificate */
int  linux_tls_begin(struct linux_flow *f, bool server);

/** Say goodbye where there is room, free all; also of one that never began */
void linux_tls_end(struct linux_flow *f);

/** Both: 0; EAGAIN not all yet; else it cannot go on, an errno */
int  linux_tls_handshake(struct linux_flow *f);
int  linux_tls_flush(struct linux_flow *f);

/** @param n  In: size of p; out: octets read.  @return 0; EAGAIN; ECONNRESET
 *  also the end */
int  linux_tls_read(struct linux_flow *f, uint8_t *p, size_t *n);

/** @return how many were taken; 0: none now, or never */
size_t linux_tls_write(struct linux_flow *f, const void *p, size_t n);

/** Wipe the key and all that was allocated, after linux_tls_end() of all */
void linux_tls_close(void);

/** tls_fingerprint() of struct ue_port */
int  linux_tls_fingerprint(void *arg, unsigned num, uint8_t sha256[32]);
#endif

/* ---- resolve.c ---- */

/**
 * Whom to ask for names of P-CSCFs, before ue_init(); without it, as with NULL
 *
 * @param lp          Port
 * @param nameserver  `address:port`; NULL = those that /etc/resolv.conf names
 *                    at each look-up, or did last.  Until it has named one,
 *                    look-ups say ENOTSUP
 *
 * @return 0; EINVAL; ENOMEM
 */
int  linux_resolver_init(struct linux_port *lp, const char *nameserver);

/** Give up the look-up that is under way.  Private: linux_port_close() */
void linux_resolver_close(struct linux_port *lp);

/** resolve() of struct ue_port; private */
int  linux_resolve(void *arg, uint32_t id, const char *name,
		   enum ue_transport transport);

/* ---- nv_file.c ---- */

/**
 * Read the store of non-volatile values, before ue_init() and before a soft
 * USIM is opened.  Without it values last as long as the process
 *
 * @param nv    Store, overwritten: that of the port
 * @param path  File, need not exist; NULL: nothing is kept
 *
 * @return 0; EBADMSG not such a file (it is left alone); EOVERFLOW too long a
 *         name, too many values; EIO; an errno of open(2)
 */
int  nv_file_open(struct nv_file *nv, const char *path);

/** nv_read() and nv_write() of struct ue_port; the file is written before
 *  nv_file_write() returns */
int  nv_file_read(struct nv_file *nv, const char *key, void *buf,
		  size_t *len);
int  nv_file_write(struct nv_file *nv, const char *key, const void *buf,
		   size_t len);

#endif
