import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.velocity.VelocityContext;
import org.apache.velocity.app.VelocityEngine;

/**
 * Runs mapping templates in Apache Velocity with the variables that API Gateway gives them (Developer Guide, "Variables for
 * data transformations"). Reads commands, a line each, with every argument in Base64: `template TEXT`, `header NAME VALUE`,
 * `context PATH VALUE`, `run`. Responds to a run with `body TEXT`, an `override NAME VALUE` for each header, and `done`.
 */
public class RunTemplates {
  /** `$input`. Header names are those that the client sent; a name that is not there is null. */
  public static class Input {
    private final Map<String, String> headers;

    Input(Map<String, String> headers) {
      this.headers = headers;
    }

    public Map<String, Map<String, String>> params() {
      Map<String, Map<String, String>> all = new HashMap<>();
      all.put("path", new HashMap<>());
      all.put("querystring", new HashMap<>());
      all.put("header", headers);
      return all;
    }
  }

  public static void main(String[] args) throws Exception {
    VelocityEngine engine = new VelocityEngine();
    engine.setProperty("runtime.log.logsystem.class", "org.apache.velocity.runtime.log.NullLogChute");
    engine.init();
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    String template = "";
    Map<String, String> headers = new LinkedHashMap<>();
    Map<String, Object> context = new HashMap<>();
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      String[] words = line.split(" ");
      switch (words[0]) {
        case "template":
          template = decode(words[1]);
          headers = new LinkedHashMap<>();
          context = new HashMap<>();
          break;
        case "header":
          headers.put(decode(words[1]), decode(words[2]));
          break;
        case "context":
          put(context, decode(words[1]), decode(words[2]));
          break;
        case "run":
          run(engine, template, headers, context);
          break;
        default:
          throw new IllegalArgumentException(words[0]);
      }
    }
  }

  private static void run(
      VelocityEngine engine, String template, Map<String, String> headers, Map<String, Object> context) {
    Map<String, Object> overrides = new LinkedHashMap<>();
    Map<String, Object> responseOverride = new HashMap<>();
    responseOverride.put("header", overrides);
    context.put("responseOverride", responseOverride);
    VelocityContext variables = new VelocityContext();
    variables.put("input", new Input(headers));
    variables.put("context", context);
    StringWriter body = new StringWriter();
    engine.evaluate(variables, body, "template", template);
    System.out.println("body " + encode(body.toString()));
    overrides.forEach(
        (name, value) -> System.out.println("override " + encode(name) + " " + encode(String.valueOf(value))));
    System.out.println("done");
  }

  /** Puts a value under a path such as `authorizer.reason`. */
  @SuppressWarnings("unchecked")
  private static void put(Map<String, Object> context, String path, String value) {
    int dot = path.indexOf('.');
    if (dot < 0) {
      context.put(path, value);
      return;
    }
    Object inner = context.computeIfAbsent(path.substring(0, dot), name -> new HashMap<String, Object>());
    put((Map<String, Object>) inner, path.substring(dot + 1), value);
  }

  private static String decode(String word) {
    return new String(Base64.getDecoder().decode(word), StandardCharsets.UTF_8);
  }

  private static String encode(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }
}
