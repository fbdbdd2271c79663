/**
 * @file net.h  A scripted P-CSCF and S-CSCF for the simulator
 *
 * Up to three P-CSCFs in front of one registrar.  It does the ordinary thing
 * (AKA challenge, 200, registration event) unless a script says otherwise.
 * It is made for volume and for chosen misbehaviour; the independent judge of
 * the UE's messages is the lab, which shares no code with the UE.  The
 * credentials are checked with code of its own all the same.
 *
 * Repeated requests get the same response (RFC 3261 17.2.2); its NOTIFYs are
 * repeated until they are answered or 128 s are over.
 */
#ifndef SIM_NET_H
#define SIM_NET_H

#include "sigcomp/sigcomp.h"
#include "test/sim/net_sec.h"
#include "test/sim/sim.h"

#define NET_PCSCFS 3
#define NET_SCRIPT 16
#define NET_STRANS 24
#define NET_LOG 48
#define NET_LOG_TEXT 3000

/** What is done with a REGISTER or SUBSCRIBE that is no repetition */
enum net_act {
	NET_NORMAL = 0,         /**< by the rules                        */
	NET_ANSWER,             /**< this status; value: Retry-After,
				 *   0 = none                            */
	NET_BRIEF,              /**< 423; value: Min-Expires             */
	NET_CHALLENGE,          /**< 401, whatever the credentials       */
	NET_BAD_MAC,            /**< 401 with a wrong MAC                */
	NET_OLD_SQN,            /**< 401 with an old sequence number     */
	NET_ACCEPT,             /**< 200, whatever the credentials       */
	NET_SILENT,             /**< no answer, also to repetitions      */
	NET_LOSE,               /**< by the rules, but the first answer is
				 *   lost                                */
	NET_RESET,              /**< the TCP connection is reset         */
	NET_KILL                /**< this P-CSCF goes without a word     */
};

struct net_step {
	enum net_act act;
	int pcscf;              /**< only there; -1 = anywhere           */
	uint16_t code;
	uint32_t value;
	const char *name;       /**< one more header field, NULL = none  */
	const char *val;
};

/** First not yet used step of a script is taken, if it fits */
struct net_script {
	struct net_step v[NET_SCRIPT];
	unsigned count;
	unsigned next;
};

/** What a registration event document says of the UE's contact */
enum net_doc {
	NET_DOC_REGISTERED = 0, /**< full, active                        */
	NET_DOC_PARTIAL,        /**< partial, active                     */
	NET_DOC_SHORTENED,      /**< value: expires                      */
	NET_DOC_REJECTED,
	NET_DOC_DEACTIVATED,
	NET_DOC_PROBATION,      /**< value: retry-after                  */
	NET_DOC_EXPIRED,
	NET_DOC_UNREGISTERED,
	NET_DOC_NO_CONTACTS,    /**< terminated, without contact elements */
	NET_DOC_OTHER_CONTACT,  /**< active; another UE's is terminated  */
	NET_DOC_GARBAGE,        /**< no XML                              */
	NET_DOC_NONE            /**< NOTIFY without body                 */
};

struct net_pcscf {
	struct ue_addr addr;
	bool up;
};

/** A message that the network has received, first transmissions only */
struct net_rx {
	uint64_t at_ms;
	int pcscf;
	enum ue_transport transport;
	struct ue_addr src;
	struct ue_addr dst;
	uint32_t spi;           /**< over which it came, 0 = in the clear */
	uint16_t code;          /**< of a response                       */
	uint8_t method;         /**< enum sip_method                     */
	uint16_t answer;        /**< what a request was answered first   */
	char text[NET_LOG_TEXT];
};

struct net_strans {
	uint64_t key;           /**< 0 = free                            */
	uint64_t at_ms;
	bool silent;
	uint16_t len;
	char text[2200];        /**< the response                        */
};

struct net_conn {
	bool used;
	int pcscf;
	bool from_ue;
	bool up;
	uint16_t len;
	char buf[SIM_PACKET_MAX];
};

/** The NOTIFY under way */
struct net_notify {
	bool busy;
	bool tcp;
	uint16_t len;
	uint32_t interval_ms;
	uint64_t since_ms;
	uint32_t cseq;
	struct ue_addr src;
	struct ue_addr dst;
	uint16_t port_pc;       /**< of the first transmission           */
	struct ue_timer timer;
	char text[2800];
};

/** A document that waits for the NOTIFY before it */
struct net_pending {
	enum net_doc doc;
	uint32_t value;
	const char *substate;
};

#define NET_PENDING 6

#define NET_COMP_SENT 16

/** SigComp over UDP: net_use_sigcomp() */
struct net_comp {
	bool on;
	unsigned plain;         /**< datagrams that came without it      */
	unsigned received;
	unsigned failed;        /**< could not be decompressed           */
	unsigned nacks;         /**< that came                           */
	unsigned sent;

	/* private */
	unsigned next;
	uint64_t sentv[NET_COMP_SENT];
	struct sigcomp_storage st;
	uint8_t text[SIM_PACKET_MAX];
	uint8_t wire[SIM_PACKET_MAX];
};

/** First of P-Associated-URI when the registered identity is barred */
#define NET_DEFAULT_IMPU "sip:alice@" SIM_HOME
#define NET_TEL "tel:+15550100001"

struct net_ctx;

struct net {
	struct sim *sim;

	/* what it does; set by tests */
	struct net_pcscf pcscfv[NET_PCSCFS];
	struct net_script reg;
	struct net_script sub;
	uint32_t grant_s;       /**< largest expiry granted; 600000      */
	uint32_t sub_grant_s;   /**< of the subscription; 600000         */
	bool rechallenge;       /**< every REGISTER is challenged        */
	bool qop;               /**< challenge with qop="auth"           */
	const char *opaque;     /**< NULL = none                         */
	const char *algorithm;  /**< AKAv1-MD5                           */
	bool rspauth;           /**< Authentication-Info in the 200      */
	bool gruu;
	bool no_assoc;          /**< no P-Associated-URI                 */
	bool barred;            /**< the registered identity is not in it */
	const char *service_route;
	unsigned keep_s;        /**< RFC 6223: keep=...; 0 = not         */
	bool no_pong;           /**< keep-alives are not answered        */
	uint16_t nat;           /**< added to the port that STUN tells   */
	bool refuse_tcp;        /**< connections are refused             */
	bool no_notify;         /**< subscriptions are accepted, that's all */
	bool notify_connect;    /**< NOTIFY over a connection of our own */
	bool restart_clears;    /**< a P-CSCF's end ends the registration */
	void (*request_h)(struct net *net, const struct sip_msg *msg,
			  void *arg);
	void *arg;
	/** Sessions (net_call.h): requests other than REGISTER, and
	 *  responses.  @return true: it was for them */
	bool (*call_request_h)(struct net_ctx *x, void *arg);
	bool (*call_response_h)(struct net *net, const struct sip_msg *msg,
				void *arg);
	void *call_arg;

	/* what it knows */
	bool registered;
	uint64_t expiry_ms;
	char contact[UE_URI_MAX];
	char impu[UE_URI_MAX];
	int home_pcscf;         /**< through which it registered         */
	uint64_t sqn;           /**< SEQ || IND of the next vector       */
	uint8_t rand[16];
	char nonce[64];
	bool challenged;
	bool fresh;             /**< the challenge is not yet answered   */
	uint8_t res[8];
	uint8_t ck[16];
	uint8_t ik[16];
	uint32_t nc;            /**< last nonce count                    */

	bool subscribed;
	bool unheard;           /**< it ended because a NOTIFY had no answer:
				 *   the UE does not know                */
	int sub_conn;           /**< TCP of the SUBSCRIBE, -1            */
	bool sub_tcp;           /**< the SUBSCRIBE came over TCP         */
	struct ue_addr contact_addr;
	char sub_id[UE_CALL_ID_MAX];
	char sub_tag[UE_TAG_MAX];       /**< ours                        */
	char sub_to[300];       /**< the SUBSCRIBE's From                */
	char sub_from[300];     /**< its To, without tag                 */
	char sub_target[UE_URI_MAX];
	uint32_t sub_cseq;
	uint32_t version;
	uint32_t sub_expires_s;
	struct net_notify notify;
	struct net_pending pendingv[NET_PENDING];
	unsigned pendingc;

	struct net_comp comp;
	struct net_sec sec;

	struct net_strans stransv[NET_STRANS];
	struct net_conn connv[SIM_CONNS];
	uint32_t tags;

	/* counters */
	unsigned requests;      /**< no repetitions                      */
	unsigned repeats;
	unsigned registers;
	unsigned challenges;
	unsigned resyncs;
	unsigned bad_auth;      /**< wrong credentials                   */
	unsigned subscribes;
	unsigned notifies;
	unsigned notify_ok;     /**< answered 2xx                        */
	unsigned notify_code;   /**< last answer                         */
	unsigned pings;
	unsigned connects;      /**< TCP connections taken               */
	unsigned lookups;       /**< of names                            */
	unsigned bad;           /**< could not be parsed                 */

	bool logging;
	unsigned logc;
	struct net_rx logv[NET_LOG];

	/* the message being answered */
	struct sip_msg msg;
	char copy[SIM_PACKET_MAX];
	struct sip_writer w;
	char tx[2200];
};

/** P-CSCFs "192.0.2.1" to "192.0.2.3", port 5060, all up; names
 *  pcscf1.test, pcscf2.test, pcscf3.test, pcscf.test (all three) */
void net_init(struct net *net, struct sim *sim);
/** The same with 2001:db8::1 and so on; before any UE is there */
void net_use_ipv6(struct net *net);

/** Read and send SigComp over UDP, all P-CSCFs as one; again: it has forgotten
 *  everything */
void net_use_sigcomp(struct net *net);

/** Ask for security agreement; nothing else is accepted */
void net_use_sec(struct net *net);

void net_reg(struct net *net, enum net_act act, uint32_t value);
/** NET_ANSWER for a REGISTER */
void net_reg_answer(struct net *net, uint16_t code, uint32_t retry_after);
/** The same at one P-CSCF only */
void net_reg_at(struct net *net, int pcscf, enum net_act act, uint16_t code,
		uint32_t value);
void net_sub_answer(struct net *net, uint16_t code, uint32_t retry_after);
/** Header field for the step that was added last */
void net_with(struct net_script *script, const char *name, const char *val);

/** Send a NOTIFY in the UE's subscription.  Documents that end the
 *  registration end it in the registrar, too.  substate: Subscription-State,
 *  NULL = active, or terminated;reason=noresource when it is over */
void net_notify(struct net *net, enum net_doc doc, uint32_t value,
		const char *substate);

/** Gone without a word; its connections are dead */
void net_kill(struct net *net, int pcscf);
void net_start(struct net *net, int pcscf);
/** Reset all connections */
void net_reset(struct net *net);
/** A request to the UE's contact over UDP; headers without Via, CSeq...
 *  Its response is in the log */
void net_request(struct net *net, const char *method, const char *headers);

bool net_is_registered(const struct net *net);

/* ---- the log ---- */

/** n-th logged message of that method (requests only), from 0; NULL */
const struct net_rx *net_log(const struct net *net, enum sip_method method,
			     unsigned n);
unsigned net_log_count(const struct net *net, enum sip_method method);
/** Value of a header field, looked up by its long name in the text; "" */
const char *net_hdr(const struct net_rx *rx, const char *name);
bool net_has_hdr(const struct net_rx *rx, const char *name);
/** Value of a parameter name=value or name="value" in a text; "" */
const char *net_prm(const char *text, const char *name);

/* ---- net_auth.c ---- */

/** A fresh challenge: net->nonce, res, sqn.  bad: NET_BAD_MAC, NET_OLD_SQN */
void net_auth_challenge(struct net *net, enum net_act bad);

enum net_auth {
	NET_AUTH_NONE = 0,      /**< no credentials for our challenge    */
	NET_AUTH_OK,
	NET_AUTH_WRONG,
	NET_AUTH_EMPTY,         /**< response="" without auts: MAC failure */
	NET_AUTH_RESYNC         /**< a good AUTS: net->sqn is set        */
};
enum net_auth net_auth_check(struct net *net, const struct sip_msg *msg);

/** Authentication-Info for the last good credentials */
void net_auth_info(char *buf, size_t size, const struct net *net,
		   const struct sip_msg *msg);

#endif
