// The generated Kotlin client: a garage's adviser at work, and answers of tomorrow. Compiled, and run against a server.
import autopaspoort.apis.AuthApi
import autopaspoort.apis.PassportsApi
import autopaspoort.infrastructure.ApiClient
import autopaspoort.infrastructure.ClientError
import autopaspoort.infrastructure.ClientException
import autopaspoort.infrastructure.Serializer
import autopaspoort.infrastructure.Success
import autopaspoort.models.CustomerKind
import autopaspoort.models.Fuel
import autopaspoort.models.Login
import autopaspoort.models.NewCustomer
import autopaspoort.models.NewPassport
import autopaspoort.models.Passport
import autopaspoort.models.PlateInput
import autopaspoort.models.Problem
import autopaspoort.models.UpdatePassport
import java.io.File
import java.util.UUID
import kotlin.system.exitProcess
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.serializer

val url = System.getenv("AUTOPASPOORT_URL") + "/v1"

fun <T> step(title: String, work: () -> T): T =
    try {
        work().also { println("  ok      $title") }
    } catch (error: Exception) {
        println("  FAILED  $title\n${error.stackTraceToString().take(2000)}")
        exitProcess(1)
    }

fun same(found: Any?, expected: Any?) {
    if (found != expected) error("$found instead of $expected")
}

/** What an app shows: the last case is for statuses that did not exist when it was written. */
fun shown(passport: Passport): String =
    when (val status = "${passport.status}") {
        "invited" -> "waits for its driver"
        "active" -> "in use"
        "archived" -> "put away"
        else -> status
    }

fun car(plate: String) =
    NewPassport(
        licencePlate = PlateInput(number = plate, country = "DE"),
        make = "Volkswagen",
        model = "Kombi",
        year = 2013,
        fuel = Fuel.diesel,
        customer = NewCustomer(kind = CustomerKind.person, name = "Karel Kotlin", email = "karel@kotlin.example"),
    )

fun refused(call: () -> Any): Problem =
    try {
        error("${call()} instead of a problem")
    } catch (exception: ClientException) {
        val body = (exception.response as ClientError<*>).body as String
        Serializer.kotlinxSerializationJson.decodeFromString<Problem>(body)
    }

fun readTomorrow(file: String) {
    val answers = Serializer.kotlinxSerializationJson.parseToJsonElement(File(file).readText()).jsonObject
    val unread = mutableListOf<String>()
    for ((name, answer: Any) in answers) {
        try {
            val type = Class.forName("autopaspoort.models." + name.replace("_", ""))
            Serializer.kotlinxSerializationJson.decodeFromJsonElement(serializer(type), answer as JsonObject)
        } catch (error: Exception) {
            unread += "$name: ${error.message?.take(200)}"
        }
    }
    unread.forEach { println("          $it") }
    same(unread.size, 0)
}

fun main(arguments: Array<String>) {
    // Without this, each property that a change does not name would be sent as null, and cleared.
    Serializer.kotlinxSerializationJsonConfiguration = { encodeDefaults = false }
    val passports = PassportsApi(url)

    step("answers with values and properties that are added later can still be read") { readTomorrow(arguments[0]) }

    step("signs in") {
        val tokens = AuthApi(url).login(Login("balie@garage-devries.example", "Welkom-bij-AutoPaspoort-2019"))
        same("${tokens.account.kind}", "staff")
        ApiClient.accessToken = tokens.accessToken
    }

    step("lists passports, page after page") {
        val page = passports.listPassports(limit = 2)
        val first: Passport = page.items.first()
        same(shown(first), "in use")
        val following = passports.listPassports(limit = 2, cursor = page.nextCursor)
        same(following.items.any { it.id == first.id }, false)
    }

    val (made, etag) = step("makes a passport, and gets it with its ETag") {
        val made = passports.createPassport(car("K KT 1"), idempotencyKey = UUID.randomUUID().toString())
        val found = passports.getPassportWithHttpInfo(made.id, ifNoneMatch = null) as Success<Passport?>
        same(found.data?.make, "Volkswagen")
        made to found.headers.getValue("etag").single()
    }

    step("changes one property with If-Match, and leaves the others") {
        val changed = passports.updatePassport(made.id, etag, UpdatePassport(model = "Transporter"))
        same("${changed.make} ${changed.model} ${changed.year}", "Volkswagen Transporter 2013")
    }

    step("is told of a change in between") {
        val problem = refused { passports.updatePassport(made.id, etag, UpdatePassport(model = "Caddy")) }
        same("${problem.status} ${problem.code}", "412 precondition_failed")
    }

    step("imports lines") {
        val file = File.createTempFile("import", ".ndjson").apply { deleteOnExit() }
        val lines = listOf("K KT 2", "K KT 3").map { Serializer.kotlinxSerializationJson.encodeToString(car(it)) }
        file.writeText((lines + """{"make":"Opel"}""").joinToString("\n"))
        val result = passports.importPassports(file)
        same("${result.made} made, ${result.refused} refused", "2 made, 1 refused")
        same("${result.refusedLines.first().problem.code}", "invalid_request")
    }
    exitProcess(0)
}
