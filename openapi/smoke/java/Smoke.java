import com.fasterxml.jackson.core.JsonProcessingException;
import entente.client.ApiClient;
import entente.client.ApiException;
import entente.client.ApiResponse;
import entente.client.api.AuthApi;
import entente.client.api.AuthApi.APICreateTokenRequest;
import entente.client.api.DealRegistrationsApi;
import entente.client.api.DealRegistrationsApi.APICreateDealRegistrationRequest;
import entente.client.api.DealRegistrationsApi.APIListDealRegistrationsRequest;
import entente.client.api.DealRegistrationsApi.APISubmitDealRegistrationRequest;
import entente.client.api.EventsApi;
import entente.client.api.EventsApi.APIListEventsRequest;
import entente.client.model.*;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** Every step of a connector in Java, with the client that `make sdk` generates. */
public final class Smoke {
    private static final String BASE_URL = setting("ENTENTE_URL", "http://127.0.0.1:8080");
    private static final String USER = setting("ENTENTE_USER", "partner@northwind.example");
    private static final String PASSWORD = setting("ENTENTE_PASSWORD", "partner-program-demo");

    /** The server's answer is a problem; branch on its code. */
    static final class Refused extends Exception {
        private static final long serialVersionUID = 1;
        final transient Problem problem;

        Refused(Problem problem, ApiException cause) {
            super("%d %s: %s (request %s)".formatted(
                    problem.getStatus(), problem.getCode(), problem.getDetail(), problem.getRequestId()), cause);
            this.problem = problem;
        }
    }

    interface Call<T> {
        T send() throws ApiException;
    }

    /** A problem comes as a typed exception; what else goes wrong, such as no connection, as it is. */
    private <T> T answered(Call<T> call) throws Refused, ApiException, JsonProcessingException {
        try {
            return call.send();
        } catch (ApiException exception) {
            if (exception.getResponseBody() == null) {
                throw exception;
            }
            throw new Refused(client.getObjectMapper().readValue(exception.getResponseBody(), Problem.class), exception);
        }
    }

    private final ApiClient client = new ApiClient();

    private Smoke() {
        client.updateBaseUri(BASE_URL);
    }

    private void signIn() throws Exception {
        var request = APICreateTokenRequest.newBuilder()
                .grantType(GrantType.PASSWORD).username(USER).password(PASSWORD).build();
        var tokens = answered(() -> new AuthApi(client).createToken(request));
        client.setRequestInterceptor(each -> each.header("Authorization", "Bearer " + tokens.getAccessToken()));
        say("signed in", USER + " may: " + tokens.getScope());
    }

    private ApiResponse<DealRegistration> register(NewDealRegistration wanted, String key) throws Exception {
        var request = APICreateDealRegistrationRequest.newBuilder()
                .newDealRegistration(wanted).idempotencyKey(key).build();
        return answered(() -> new DealRegistrationsApi(client).createDealRegistrationWithHttpInfo(request));
    }

    private List<List<DealRegistration>> allDeals() throws Exception {
        var pages = new ArrayList<List<DealRegistration>>();
        String cursor = null;
        do {
            var request = APIListDealRegistrationsRequest.newBuilder().limit(10L).cursor(cursor).build();
            var page = answered(() -> new DealRegistrationsApi(client).listDealRegistrations(request));
            pages.add(page.getData());
            cursor = page.getNextCursor();
        } while (cursor != null);
        return pages;
    }

    private EventList eventsAfter(String after) throws Exception {
        var request = APIListEventsRequest.newBuilder().limit(200L).after(after).build();
        return answered(() -> new EventsApi(client).listEvents(request));
    }

    private String endOfFeed() throws Exception {
        String cursor = null;
        while (true) {
            var page = eventsAfter(cursor);
            if (page.getData().isEmpty()) {
                return cursor;
            }
            cursor = page.getNextCursor();
        }
    }

    private String submitAgain(String id) throws Exception {
        var request = APISubmitDealRegistrationRequest.newBuilder().id(id).build();
        try {
            answered(() -> new DealRegistrationsApi(client).submitDealRegistration(request));
        } catch (Refused refused) {
            switch (refused.problem.getCode()) {
                case "invalid_transition":
                    return refused.problem.getDetail(); // It was submitted before: for many callers as good as done.
                default:
                    throw refused;
            }
        }
        throw new IllegalStateException("a registration was submitted twice");
    }

    private void run() throws Exception {
        signIn();
        var cursor = endOfFeed();

        var key = UUID.randomUUID().toString();
        var wanted = new NewDealRegistration()
                .program("reseller")
                .title("200 seats")
                .account(new DealAccount().name("Java Works GmbH").domain("java-works.example").country("DE"))
                .products(List.of("core"))
                .amount(new Money().amount("48000.50").currency("EUR"))
                .expectedCloseOn(LocalDate.of(2027, 3, 31))
                .submit(true);
        var deal = register(wanted, key).getData();
        check(deal.getAmount().getAmount().equals("48000.50"), "money stays the decimal string that was sent");
        say("registered", "%s, %s %s, %s".formatted(
                deal.getId(), deal.getAmount().getAmount(), deal.getAmount().getCurrency(), deal.getStatus()));

        var again = register(wanted, key);
        var replayed = again.getHeaders().getOrDefault("idempotency-replayed", List.of()).contains("true");
        check(replayed && again.getData().getId().equals(deal.getId()), "the same key gives the first answer again");
        say("repeated", "the same key, the same " + again.getData().getId());

        var pages = allDeals();
        var ids = pages.stream().flatMap(List::stream).map(DealRegistration::getId).toList();
        check(pages.size() > 1 && ids.contains(deal.getId()), "several pages, and the new registration on one of them");
        say("paged", ids.size() + " registrations on " + pages.size() + " pages");

        var deadline = Instant.now().plus(Duration.ofSeconds(10));
        Optional<Event> told = Optional.empty();
        while (told.isEmpty()) {
            check(Instant.now().isBefore(deadline), "the feed tells of the registration within 10 seconds");
            var page = eventsAfter(cursor);
            told = page.getData().stream().filter(event -> event.getSubject().equals(deal.getId())).findFirst();
            cursor = page.getNextCursor() == null ? cursor : page.getNextCursor();
        }
        say("followed", told.get().getType() + " as " + told.get().getId());

        say("conflict", submitAgain(deal.getId()));
    }

    private static String setting(String name, String otherwise) {
        return System.getenv().getOrDefault(name, otherwise);
    }

    private static void check(boolean holds, String what) {
        if (!holds) {
            throw new IllegalStateException("not so: " + what);
        }
    }

    private static void say(String step, String what) {
        System.out.printf("java        %-10s %s%n", step, what);
    }

    public static void main(String[] arguments) throws Exception {
        new Smoke().run();
    }
}
