// One session in each dialect, logged in as alice, with calls to bob and carol; the bytes are its
// client's messages, one after the other. What it says to others must be theirs: every body is a
// slice of the message and JSON, every text frame is JSON, and the reader finds the same members as
// a second reading. What alice says in one dialect, bob hears in the other.
#include <array>
#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "require.hpp"
#include "signal/dialect_heliograph.hpp"
#include "signal/dialect_tutorial.hpp"
#include "signal/json.hpp"
#include "signal/json_grammar.hpp"
#include "signal/session.hpp"

namespace heliograph::signal {
namespace {

// Those whom alice has called.
using Called = std::set<std::string, std::less<>>;

// In memory of its own: the address sanitizer looks whether anybody reads behind it.
std::vector<std::uint8_t> alone(std::string_view message) {
  return {message.begin(), message.end()};
}

std::string text_of(const Reply& reply) {
  std::string text;
  for (const std::string_view piece : reply.pieces()) text += piece;
  return text;
}

bool lies_in(std::string_view part, std::string_view whole) {
  return part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size();
}

void require_json(const Effects& effects) {
  for (const Effect& effect : effects.list()) {
    if (effect.kind == Effect::Kind::kReply) require(is_json(text_of(effect.reply)));
  }
}

// What the other party, who has a call with alice, is told.
void hear(Dialect& dialect, const Envelope& envelope) {
  const Settings settings;
  Session session({.node = 1, .worker = 0, .connection = 2}, settings, dialect);
  Effects effects;
  session.receive(as_bytes(R"({"type":"login","name":"bob","password":"x"})"), 0, effects);
  const LoginId id = effects.list().back().login;
  session.credential_checked(id, true, 0, effects);
  session.name_claimed(id, true, 0, effects);
  effects.clear();
  session.deliver({.kind = Envelope::Kind::kOffer,
                   .offer_number = 1,
                   .from = "alice",
                   .to = "bob",
                   .body = "1",
                   .from_address = {}},
                  0, effects);
  Envelope forwarded = envelope;
  forwarded.to = "bob";
  session.deliver(forwarded, 0, effects);
  session.undelivered({.kind = envelope.kind,
                       .offer_number = 1,
                       .from = "bob",
                       .to = "alice",
                       .body = envelope.body,
                       .from_address = {},
                       .call = envelope.call},
                      effects);
  require_json(effects);
}

void receive(Session& session, Dialect& other, std::string_view message, Called& called,
             Effects& effects) {
  const std::vector<std::uint8_t> bytes = alone(message);
  effects.clear();
  session.receive(bytes, 0, effects);
  require_json(effects);
  for (const Effect& effect : effects.list()) {
    if (effect.kind != Effect::Kind::kSend) continue;
    hear(other, effect.envelope);
    require(effect.envelope.from == "alice");
    if (effect.envelope.kind == Envelope::Kind::kOffer) called.emplace(effect.envelope.to);
    require(called.contains(effect.envelope.to));
    if (!effect.envelope.body) continue;
    require(lies_in(*effect.envelope.body, as_text(bytes)));
    require(is_json(*effect.envelope.body));
  }
}

// Reads a message, and once more what stands in its members.
void read_twice(std::string_view message) {
  std::array<JsonMember, 2> first = {
      {{.name = "type", .value = {}}, {.name = "name", .value = {}}}};
  std::array<JsonMember, 2> second = first;
  const std::vector<std::uint8_t> bytes = alone(message);
  const bool is_read = read_json_object(bytes, first);
  require(!is_read || is_json(message));
  std::string again = "{";
  for (std::size_t i = 0; i < first.size(); ++i) {
    if (first[i].value.empty()) continue;
    if (again.size() > 1) again += ',';
    again.append("\"").append(first[i].name).append("\":").append(first[i].value);
  }
  if (!is_read) return;
  const std::vector<std::uint8_t> rebuilt = alone(again + "}");
  require(read_json_object(rebuilt, second));
  for (std::size_t i = 0; i < first.size(); ++i) require(first[i].value == second[i].value);
}

void log_in(Session& session, Dialect& other, Called& called, Effects& effects) {
  receive(session, other, R"({"type":"login","name":"alice","password":"x"})", called, effects);
  const LoginId login = effects.list().back().login;
  session.credential_checked(login, true, 0, effects);
  session.name_claimed(login, true, 0, effects);
  for (const char* offer :
       {R"({"type":"offer","name":"bob","to":"bob","call":"c","offer":1})",
        R"({"type":"offer","name":"carol","to":"carol","call":"c","offer":1})"}) {
    receive(session, other, offer, called, effects);
  }
}

// Another login of the client's fails, so that it stays alice.
void refuse_logins(Session& session, Effects& effects) {
  for (const Effect& effect : effects.list()) {
    const bool is_identification =
        effect.kind == Effect::Kind::kCheckTicket || effect.kind == Effect::Kind::kCheckCertificate;
    if (effect.kind != Effect::Kind::kCheckCredential && !is_identification) continue;
    const LoginId login = effect.login;
    effects.clear();
    if (is_identification) return session.identified(login, std::nullopt, 0, effects);
    return session.credential_checked(login, false, 0, effects);
  }
}

void run_client(Dialect& dialect, Dialect& other, std::string_view input) {
  const Settings settings;
  Session session({.node = 1, .worker = 0, .connection = 1}, settings, dialect);
  Called called;
  Effects effects;
  log_in(session, other, called, effects);

  // Messages are divided by NUL bytes, which no JSON text has.
  std::string_view rest = input;
  while (!rest.empty()) {
    const std::size_t end = rest.find('\0');
    const std::string_view message = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    read_twice(message);
    receive(session, other, message, called, effects);
    refuse_logins(session, effects);
  }
  effects.clear();
  session.closed(effects);
}

}  // namespace
}  // namespace heliograph::signal

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static heliograph::signal::TutorialDialect tutorial;
  static heliograph::signal::HeliographDialect heliograph_dialect;
  const std::string_view input = heliograph::as_text({data, size});
  heliograph::signal::run_client(tutorial, heliograph_dialect, input);
  heliograph::signal::run_client(heliograph_dialect, tutorial, input);
  return 0;
}
