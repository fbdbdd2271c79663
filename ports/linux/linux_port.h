/**
 * @file linux_port.h  struct ue_port on Linux: sockets, DNS, files, clock
 *
 * One thread, libre's loop.  All state is in struct linux_port, which the
 * program declares.
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

/* linux_port.c */
void linux_port_init(struct linux_port *lp, struct ue *ue);
void linux_port_close(struct linux_port *lp);
void linux_port_pump(struct linux_port *lp);
int  linux_port_esp(struct linux_port *lp, enum linux_esp_mode mode,
		    const char **what);

/* platform.c */
int  linux_platform_init(void);
void linux_platform_close(void);
int  linux_private_file(FILE **fp, const char *path);

/* flow.c */
void linux_flow_init(struct linux_port *lp);
void linux_flow_close_all(struct linux_port *lp);
void linux_flow_watch(struct linux_flow *f);
void linux_flow_lost(struct linux_flow *f, int err);
void linux_flow_cut(struct linux_port *lp);
socklen_t linux_sockaddr_set(struct sockaddr_storage *ss,
			     const struct ue_addr *addr);

/* stream.c */
size_t linux_stream_sendv(void *arg, unsigned num, const struct ue_iov *iov,
			  unsigned n);
void linux_stream_event(struct linux_flow *f, bool readable, bool writable);
void linux_stream_retry(struct linux_port *lp);

/* tls.c: connections whose flow is `secure` */
#if UE_MSRP_TLS
void linux_stream_secure(struct linux_flow *f);
int  linux_tls_begin(struct linux_flow *f, bool server);
void linux_tls_end(struct linux_flow *f);
/** Both 0, EAGAIN: not all yet, or an errno */
int  linux_tls_handshake(struct linux_flow *f);
int  linux_tls_flush(struct linux_flow *f);
/** 0 and how many; EAGAIN; ECONNRESET */
int  linux_tls_read(struct linux_flow *f, uint8_t *p, size_t *n);
/** How many were taken */
size_t linux_tls_write(struct linux_flow *f, const void *p, size_t n);
int  linux_tls_fingerprint(void *arg, unsigned num, uint8_t sha256[32]);
#endif

/* resolve.c */
int  linux_resolver_init(struct linux_port *lp, const char *nameserver);
void linux_resolver_close(struct linux_port *lp);
int  linux_resolve(void *arg, uint32_t id, const char *name,
		   enum ue_transport transport);

/* nv_file.c */
int  nv_file_open(struct nv_file *nv, const char *path);
int  nv_file_read(struct nv_file *nv, const char *key, void *buf,
		  size_t *len);
int  nv_file_write(struct nv_file *nv, const char *key, const void *buf,
		   size_t len);

#endif
