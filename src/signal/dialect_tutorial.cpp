#include "signal/dialect_tutorial.hpp"

#include <array>
#include <string>
#include <utility>

#include "signal/js_text.hpp"
#include "signal/json.hpp"
#include "signal/json_string.hpp"

namespace heliograph::signal {
namespace {

std::optional<std::string_view> present(std::string_view value) {
  if (value.empty()) return std::nullopt;
  return value;
}

// The text of a value that is a string.
std::optional<std::string_view> string_text(std::string_view value, Effects& effects) {
  if (!value.starts_with('"')) return std::nullopt;
  if (!has_escapes(value)) return unquote(value);
  return effects.keep(decode_json_string(value));
}

Command::Kind command_kind(std::optional<std::string_view> type) {
  if (type == "login") return Command::Kind::kLogin;
  if (type == "offer") return Command::Kind::kOffer;
  if (type == "answer") return Command::Kind::kAnswer;
  if (type == "candidate") return Command::Kind::kCandidate;
  if (type == "leave") return Command::Kind::kLeave;
  return Command::Kind::kUnknown;
}

// {"type":"answer","answer":<body>}, without the second member if there is no body.
Reply relayed(std::string_view head, std::string_view member,
              const std::optional<std::string_view>& body) {
  if (!body) return {head, "}"};
  return {head, member, *body, "}"};
}

Reply offer(const Event& event, Effects& effects) {
  std::string quoted;
  append_json_string(quoted, event.name);
  const std::string_view name = effects.keep(std::move(quoted));
  if (!event.body) return {R"({"type":"offer","name":)", name, "}"};
  return {R"({"type":"offer","offer":)", *event.body, R"(,"name":)", name, "}"};
}

Reply unknown_command(const Event& event, Effects& effects) {
  std::string quoted;
  append_json_string(quoted,
                     "Command no found: " + (event.type ? js_text(*event.type) : "undefined"));
  return {R"({"type":"error","message":)", effects.keep(std::move(quoted)), "}"};
}

Reply message_for(const Event& event, Effects& effects) {
  switch (event.kind) {
    case Event::Kind::kGreeting:
      return {"Hello from server"};
    case Event::Kind::kNotAuthenticated:
      return {R"({"type":"error","message":"You are not authenticated"})"};
    case Event::Kind::kLoggedIn:
      return {R"({"type":"login","success":true})"};
    case Event::Kind::kLoginRefused:
      return {R"({"type":"login","success":false})"};
    case Event::Kind::kOffer:
      return offer(event, effects);
    case Event::Kind::kAnswer:
      return relayed(R"({"type":"answer")", R"(,"answer":)", event.body);
    case Event::Kind::kCandidate:
      return relayed(R"({"type":"candidate")", R"(,"candidate":)", event.body);
    case Event::Kind::kLeave:
    case Event::Kind::kBusy:
      return {R"({"type":"leave"})"};
    case Event::Kind::kUnknownCommand:
      return unknown_command(event, effects);
    case Event::Kind::kUnavailable:
    case Event::Kind::kIce:
    case Event::Kind::kPong:
    case Event::Kind::kPresence:
    case Event::Kind::kRoom:
    case Event::Kind::kJoined:
    case Event::Kind::kLeft:
    case Event::Kind::kGoAway:
    case Event::Kind::kError:
      return {};
  }
  return {};
}

}  // namespace

Command TutorialDialect::read(Bytes message, Effects& effects) {
  std::array<JsonMember, 6> members = {{{.name = "type", .value = {}},
                                        {.name = "name", .value = {}},
                                        {.name = "password", .value = {}},
                                        {.name = "offer", .value = {}},
                                        {.name = "answer", .value = {}},
                                        {.name = "candidate", .value = {}}}};
  const auto& [type, name, password, offer, answer, candidate] = members;
  if (!read_json_object(message, members)) return {};

  Command command;
  command.kind = command_kind(string_text(type.value, effects));
  command.name = string_text(name.value, effects);
  switch (command.kind) {
    case Command::Kind::kLogin:
      command.password = string_text(password.value, effects);
      break;
    case Command::Kind::kOffer:
      command.body = present(offer.value);
      break;
    case Command::Kind::kAnswer:
      command.body = present(answer.value);
      break;
    case Command::Kind::kCandidate:
      command.body = present(candidate.value);
      break;
    case Command::Kind::kLeave:
      break;
    case Command::Kind::kUnknown:
      command.type = present(type.value);
      break;
    default:
      break;
  }
  return command;
}

void TutorialDialect::write(const Event& event, Effects& effects) {
  const Reply message = message_for(event, effects);
  if (message.count == 0) return;
  effects.sent(event.kind);
  effects.reply(message);
}

}  // namespace heliograph::signal
