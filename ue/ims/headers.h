/**
 * @file headers.h  Header fields of every request and response after
 * registration (TS 24.229 5.1.2A, 7.2A.4)
 *
 *	struct sip_dialog dlg = {0};
 *
 *	err = ims_hdr_dialog(&dlg, reg, target);
 *	w = sip_dialog_begin(&dlg, sip, "INVITE");
 *	ims_hdr_request(w, reg, SIP_METHOD_INVITE);
 *	ims_hdr_preferred_identity(w, reg);
 *	ims_hdr_contact(w, reg, true);
 */
#ifndef IMS_HEADERS_H
#define IMS_HEADERS_H

#include "ue/sip/sip.h"

struct ims_reg;
struct sip_dialog;

/** Longest text of ims_hdr_contact_uri(), with the terminating zero */
#define IMS_CONTACT_MAX 144

/** Room for a preloaded route: `<sip:address;transport=tcp;lr>, ` and the
 *  Service-Route */
#define IMS_ROUTES_MAX (UE_ROUTES_MAX + UE_ADDR_STR + 25)

/**
 * The public identity for requests: the default one where the registered one
 * is barred, else the registered one (TS 24.229 5.1.1.3, 5.1.2A.1.1)
 *
 * @return A URI, sip: or tel:, zero-terminated; one that is barred only
 *         where no other is known
 */
const char *ims_hdr_identity(const struct ims_reg *reg);

/** Contact address as registered: own address and server port.
 *  @return 0, EOVERFLOW, ENOENT no address yet */
int  ims_hdr_contact_uri(char *uri, size_t size, const struct ims_reg *reg);

/**
 * Contact: public GRUU, or the contact address (5.1.2A.1.1)
 *
 * @param features  With the feature tags of the settings
 */
void ims_hdr_contact(struct sip_writer *w, const struct ims_reg *reg,
		     bool features);

/** Preloaded route: P-CSCF with its server port, then the Service-Route
 *  (5.1.2A.1.1).  @return 0, EOVERFLOW */
int  ims_hdr_routes(char *routes, size_t size, const struct ims_reg *reg);

/** Start a dialog as UAC with own identity and preloaded route; uses the
 *  transmit buffer.  @return as sip_dialog_init() */
int  ims_hdr_dialog(struct sip_dialog *dlg, struct ims_reg *reg,
		    const char *remote);

/** Fields that every request has: P-Access-Network-Info and, protected,
 *  Security-Verify with Require and Proxy-Require; none on ACK and CANCEL */
void ims_hdr_request(struct sip_writer *w, struct ims_reg *reg,
		     enum sip_method method);

/** Privacy; NULL = none */
void ims_hdr_privacy(struct sip_writer *w, const char *privacy);

/** Fields that every response has, but those to CANCEL */
void ims_hdr_response(struct sip_writer *w, const struct ims_reg *reg,
		      enum sip_method method);

/** sip_reply_begin() with these */
struct sip_writer *ims_reply_begin(const struct ims_reg *reg,
				   struct sip_strans *st, uint16_t code);

/** P-Access-Network-Info where there is a value (7.2A.4) */
void ims_hdr_access_network(struct sip_writer *w, const struct ims_reg *reg);

/** P-Preferred-Identity: the same as From (5.1.2A.1.1) */
void ims_hdr_preferred_identity(struct sip_writer *w,
				const struct ims_reg *reg);

#endif
