// Whom a certificate names (RFC 5280 sections 4.1.2.6 and 4.2.1.6).
#pragma once

#include <string>
#include <vector>

namespace heliograph::crypto {

struct Identity {
  // In the text form of RFC 2253, with control characters and what is not ASCII escaped. Empty if
  // there is none, or if it cannot be written as text.
  std::string subject;
  // From subjectAltName, in its order; addresses in their usual text form. Names with characters
  // that none of their kind has (zero bytes, control characters, spaces, non-ASCII) are left out.
  std::vector<std::string> dns_names;
  std::vector<std::string> ip_addresses;
  std::vector<std::string> email_addresses;
  std::vector<std::string> uris;
};

}  // namespace heliograph::crypto
