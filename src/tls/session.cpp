#include "tls/session.hpp"

#include <utility>

namespace heliograph::tls {

bool Session::is_fresh(std::int64_t now) const {
  return now >= issued_at && now - issued_at <= std::int64_t{lifetime} * 1000 &&
         now - authenticated_at <= kMaxAuthenticationAge;
}

Session make_session(const Negotiated& negotiated, crypto::Secret pre_shared_key) {
  Session session;
  session.cipher_suite = negotiated.cipher_suite;
  session.pre_shared_key = std::move(pre_shared_key);
  session.server_name = negotiated.server_name;
  session.application_protocol = negotiated.application_protocol;
  session.peer_signature_scheme = negotiated.peer_signature_scheme;
  session.peer = negotiated.peer;
  session.authenticated_at = negotiated.authenticated_at;
  return session;
}

void resume(const Session& session, Negotiated& negotiated) {
  negotiated.resumed = true;
  negotiated.peer_signature_scheme = session.peer_signature_scheme;
  negotiated.peer = session.peer;
  negotiated.authenticated_at = session.authenticated_at;
}

}  // namespace heliograph::tls
