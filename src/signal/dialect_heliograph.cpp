#include "signal/dialect_heliograph.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "signal/json.hpp"
#include "signal/json_grammar.hpp"
#include "signal/json_string.hpp"
#include "signal/name.hpp"
#include "signal/ticket.hpp"

namespace heliograph::signal {
namespace {

using Kind = Command::Kind;

// The token of a resume is one of ours; what is longer is not worth looking up.
constexpr std::size_t kMaxTokenSize = 256;

constexpr Milliseconds kSecond = 1000;

struct TypeName {
  std::string_view name;
  Kind kind;
};

constexpr std::array<TypeName, 14> kTypes = {{{"offer", Kind::kOffer},
                                              {"answer", Kind::kAnswer},
                                              {"candidate", Kind::kCandidate},
                                              {"leave", Kind::kLeave},
                                              {"busy", Kind::kBusy},
                                              {"login", Kind::kLogin},
                                              {"resume", Kind::kResume},
                                              {"logout", Kind::kLogout},
                                              {"subscribe", Kind::kSubscribe},
                                              {"unsubscribe", Kind::kUnsubscribe},
                                              {"join", Kind::kJoin},
                                              {"part", Kind::kPart},
                                              {"ice", Kind::kIce},
                                              {"ping", Kind::kPing}}};

// The members that mean something in some message, in the order of Members::all.
struct Members {
  std::array<JsonMember, 14> all = {{{.name = "type", .value = {}},
                                     {.name = "to", .value = {}},
                                     {.name = "call", .value = {}},
                                     {.name = "offer", .value = {}},
                                     {.name = "answer", .value = {}},
                                     {.name = "candidate", .value = {}},
                                     {.name = "name", .value = {}},
                                     {.name = "password", .value = {}},
                                     {.name = "ticket", .value = {}},
                                     {.name = "certificate", .value = {}},
                                     {.name = "token", .value = {}},
                                     {.name = "names", .value = {}},
                                     {.name = "room", .value = {}},
                                     {.name = "received", .value = {}}}};

  [[nodiscard]] std::string_view type() const { return all[0].value; }
  [[nodiscard]] std::string_view to() const { return all[1].value; }
  [[nodiscard]] std::string_view call() const { return all[2].value; }
  [[nodiscard]] std::string_view body(Kind kind) const {
    return all[kind == Kind::kOffer ? 3 : kind == Kind::kAnswer ? 4 : 5].value;
  }
  [[nodiscard]] std::string_view name() const { return all[6].value; }
  [[nodiscard]] std::string_view password() const { return all[7].value; }
  [[nodiscard]] std::string_view ticket() const { return all[8].value; }
  [[nodiscard]] std::string_view certificate() const { return all[9].value; }
  [[nodiscard]] std::string_view token() const { return all[10].value; }
  [[nodiscard]] std::string_view names() const { return all[11].value; }
  [[nodiscard]] std::string_view room() const { return all[12].value; }
  [[nodiscard]] std::string_view received() const { return all[13].value; }
};

bool is_call_id(std::string_view text) {
  const auto may_stand_in_one = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
  };
  return !text.empty() && text.size() <= kMaxCallIdSize &&
         std::ranges::all_of(text, may_stand_in_one);
}

// The text of a value that is a string.
std::optional<std::string_view> string_text(std::string_view value, Effects& effects) {
  if (!value.starts_with('"')) return std::nullopt;
  if (!has_escapes(value)) return unquote(value);
  return effects.keep(decode_json_string(value));
}

Command malformed(Error error, std::string_view call = {}) {
  return {.kind = Kind::kMalformed, .error = error, .call = call};
}

Command uncounted(Command command) {
  command.counts = false;
  return command;
}

// offer, answer, candidate, leave, busy
Command call_command(Kind kind, const Members& members, Effects& effects) {
  Command command{.kind = kind};
  if (const auto call = string_text(members.call(), effects); call && is_call_id(*call)) {
    command.call = *call;
  }
  command.name = string_text(members.to(), effects);
  if (command.call.empty() || !command.name) return malformed(Error::kBadMessage, command.call);
  if (kind == Kind::kLeave || kind == Kind::kBusy) return command;
  command.body = members.body(kind);
  if (command.body->empty()) return malformed(Error::kBadMessage, command.call);
  return command;
}

// One way to prove who one is, not several.
Command login_command(const Members& members, Effects& effects) {
  const int proofs = int{!members.password().empty()} + int{!members.ticket().empty()} +
                     int{!members.certificate().empty()};
  if (proofs != 1) return malformed(Error::kBadMessage);
  Command command{.kind = Kind::kLogin};
  if (!members.ticket().empty()) {
    command.proof = Command::Proof::kTicket;
    const auto ticket = string_text(members.ticket(), effects);
    if (!ticket || ticket->size() > kMaxTicketSize) return malformed(Error::kBadMessage);
    command.token = *ticket;
    return command;
  }
  command.name = string_text(members.name(), effects);
  if (!members.certificate().empty()) {
    command.proof = Command::Proof::kCertificate;
    const bool name_is_right = members.name().empty() || command.name;
    if (members.certificate() != "true" || !name_is_right) return malformed(Error::kBadMessage);
    return command;
  }
  command.password = string_text(members.password(), effects);
  if (!command.name || !command.password) return malformed(Error::kBadMessage);
  return command;
}

Command resume_command(const Members& members, Effects& effects) {
  const auto token = string_text(members.token(), effects);
  if (!token || token->empty() || token->size() > kMaxTokenSize) {
    return malformed(Error::kBadMessage);
  }
  Command command{.kind = Kind::kResume, .token = *token};
  const std::string_view received = members.received();
  if (received.empty()) return command;
  std::uint64_t count = 0;
  const auto [end, error] = std::from_chars(received.begin(), received.end(), count);
  if (error != std::errc() || end != received.end()) return malformed(Error::kBadMessage);
  command.received = count;
  return command;
}

Command room_command(Kind kind, const Members& members, Effects& effects) {
  const auto room = string_text(members.room(), effects);
  if (!room) return malformed(Error::kBadMessage);
  if (!is_name(*room)) return malformed(Error::kBadName);
  return {.kind = kind, .room = *room};
}

// `array` is valid JSON: strings, if it is what it should be, between commas and white space.
Command names_command(Kind kind, std::string_view array, Effects& effects) {
  constexpr std::string_view kBetween = " \t\r\n,";
  if (!array.starts_with('[')) return malformed(Error::kBadMessage);
  std::vector<std::string_view> names;
  array.remove_prefix(1);
  while (true) {
    array.remove_prefix(array.find_first_not_of(kBetween));
    if (array.starts_with(']')) break;
    if (!array.starts_with('"')) return malformed(Error::kBadMessage);
    if (names.size() == kMaxNamesInMessage) return malformed(Error::kTooManyNames);
    const std::size_t size = json_string_size(array);
    const auto name = string_text(array.substr(0, size), effects);
    if (!name || !is_name(*name)) return malformed(Error::kBadName);
    names.push_back(*name);
    array.remove_prefix(size);
  }
  return {.kind = kind, .names = effects.keep(std::move(names))};
}

// What stands between the quotes of a JSON string. Only names with quotes or backslashes cost an
// allocation; control characters, which would need escapes too, no name has.
std::string_view escaped(std::string_view name, Effects& effects) {
  if (name.find_first_of("\"\\") == std::string_view::npos) return name;
  std::string quoted;
  append_json_string(quoted, name);
  return effects.keep(quoted.substr(1, quoted.size() - 2));
}

Reply error_reply(Error error, std::string_view call) {
  const std::string_view code = code_of(error);
  const std::string_view text = describe(error);
  if (call.empty()) {
    return {R"({"type":"error","code":")", code, R"(","message":")", text, R"("})"};
  }
  return {R"({"type":"error","code":")",
          code,
          R"(","message":")",
          text,
          R"(","call":")",
          call,
          R"("})"};
}

// {"type":"answer","from":"alice","call":"c1","answer":<body>}. A peer of another dialect may have
// sent none, which is null here.
Reply relayed(std::string_view head, const Event& event, std::string_view member, Effects& effects,
              std::string_view tail = "}") {
  return {head,
          escaped(event.name, effects),
          R"(","call":")",
          event.call,
          member,
          event.body.value_or("null"),
          tail};
}

Reply about_call(std::string_view head, const Event& event, std::string_view tail,
                 Effects& effects) {
  return {head, escaped(event.name, effects), R"(","call":")", event.call, tail};
}

Reply room(const Event& event, Effects& effects) {
  std::string json = R"({"type":"room","room":)";
  append_json_string(json, event.room);
  json += R"(,"members":[)";
  for (const std::string_view& name : event.names) {
    if (&name != event.names.data()) json += ',';
    append_json_string(json, name);
  }
  json += "]}";
  return {effects.keep(std::move(json))};
}

Reply about_room(std::string_view head, const Event& event, Effects& effects) {
  return {head, escaped(event.room, effects), R"(","name":")", escaped(event.name, effects),
          R"("})"};
}

}  // namespace

HeliographDialect::HeliographDialect(Milliseconds heartbeat)
    : Dialect({.greets = false, .has_call_ids = true, .can_resume = true}), heartbeat_(heartbeat) {}

Command HeliographDialect::read(Bytes message, Effects& effects) {
  Members members;
  if (!read_json_object(message, members.all)) return malformed(Error::kBadJson);
  const auto name = string_text(members.type(), effects);
  if (!name) return malformed(Error::kBadMessage);
  const auto type = std::ranges::find(kTypes, *name, &TypeName::name);
  if (type == kTypes.end()) return {.kind = Kind::kUnknown, .type = members.type()};
  switch (type->kind) {
    case Kind::kOffer:
    case Kind::kAnswer:
    case Kind::kCandidate:
    case Kind::kLeave:
    case Kind::kBusy:
      return call_command(type->kind, members, effects);
    case Kind::kLogin:
      return uncounted(login_command(members, effects));
    case Kind::kResume:
      return uncounted(resume_command(members, effects));
    case Kind::kSubscribe:
    case Kind::kUnsubscribe:
      return names_command(type->kind, members.names(), effects);
    case Kind::kJoin:
    case Kind::kPart:
      return room_command(type->kind, members, effects);
    case Kind::kLogout:
    case Kind::kIce:
    case Kind::kPing:
    case Kind::kMalformed:
    case Kind::kUnknown:
      break;
  }
  return {.kind = type->kind};
}

void HeliographDialect::write(const Event& event, Effects& effects) {
  if (event.kind == Event::Kind::kGreeting) return;
  effects.sent(event.kind);
  switch (event.kind) {
    case Event::Kind::kGreeting:
      return;
    case Event::Kind::kNotAuthenticated:
      return effects.reply(error_reply(Error::kNotAuthenticated, {}));
    case Event::Kind::kLoggedIn:
      return effects.reply(welcome(event, effects));
    case Event::Kind::kLoginRefused:
      return effects.reply(error_reply(Error::kLoginFailed, {}));
    case Event::Kind::kOffer:
      return effects.reply(relayed(R"({"type":"offer","from":")", event, R"(","offer":)", effects,
                                   event.polite ? R"(,"polite":true})" : R"(,"polite":false})"));
    case Event::Kind::kAnswer:
      return effects.reply(
          relayed(R"({"type":"answer","from":")", event, R"(","answer":)", effects));
    case Event::Kind::kCandidate:
      return effects.reply(
          relayed(R"({"type":"candidate","from":")", event, R"(","candidate":)", effects));
    case Event::Kind::kLeave:
      return effects.reply(
          about_call(R"({"type":"leave","from":")", event,
                     event.gone ? R"(","reason":"gone"})" : R"(","reason":"left"})", effects));
    case Event::Kind::kBusy:
      return effects.reply(about_call(R"({"type":"busy","from":")", event, R"("})", effects));
    case Event::Kind::kUnavailable:
      return effects.reply(about_call(R"({"type":"unavailable","to":")", event, R"("})", effects));
    case Event::Kind::kIce: {
      std::string json = R"({"type":"ice",)";
      append_ice(json, event.name);
      return effects.reply({effects.keep(std::move(json)), "}"});
    }
    case Event::Kind::kPong:
      return effects.reply({R"({"type":"pong"})"});
    case Event::Kind::kPresence:
      return effects.reply({R"({"type":"presence","name":")", escaped(event.name, effects),
                            event.online ? R"(","online":true})" : R"(","online":false})"});
    case Event::Kind::kRoom:
      return effects.reply(room(event, effects));
    case Event::Kind::kJoined:
      return effects.reply(about_room(R"({"type":"joined","room":")", event, effects));
    case Event::Kind::kLeft:
      return effects.reply(about_room(R"({"type":"left","room":")", event, effects));
    case Event::Kind::kGoAway:
      return effects.reply({R"({"type":"goaway","reconnect_after":)",
                            effects.keep(std::to_string(event.reconnect_after)), "}"});
    case Event::Kind::kError:
      return effects.reply(error_reply(event.error, event.call));
    case Event::Kind::kUnknownCommand:
      return effects.reply(error_reply(Error::kUnknownType, {}));
  }
}

Reply HeliographDialect::welcome(const Event& event, Effects& effects) const {
  std::string json = R"({"type":"welcome","name":)";
  append_json_string(json, event.name);
  json += event.resumed ? R"(,"resumed":true)" : R"(,"resumed":false)";
  if (event.resumed) json += R"(,"received":)" + std::to_string(event.received);
  if (!event.token.empty()) {
    json += R"(,"resume":{"token":)";
    append_json_string(json, event.token);
    json += R"(,"seconds":)" + std::to_string(event.resume_time / kSecond) + '}';
  }
  json += R"(,"heartbeat":)" + std::to_string(heartbeat_ / kSecond) + ',';
  append_ice(json, event.name);
  return {effects.keep(std::move(json)), "}"};
}

void HeliographDialect::append_ice(std::string& json, std::string_view user) const {
  json += R"("ice_servers":)";
  json += ice_ ? ice_->json(user, now_) : "[]";
  json += R"(,"ice_ttl":)" + std::to_string(ice_ ? ice_->ttl() : 0);
}

}  // namespace heliograph::signal
