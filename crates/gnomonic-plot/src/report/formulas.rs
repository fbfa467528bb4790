//! The formulas of t-SNE in MathML, which browsers set without a library.

/// The space between a named function and its argument.
const THIN: &str = "<mspace width=\"0.17em\"/>";

/// p(j|i): the chance that point i picks j, under a Gaussian of its own width.
pub(super) fn conditional_p() -> String {
    let bell = |from: &str, to: &str| {
        let exponent =
            [op("−"), fraction(&squared_norm("x", from, to), &(number("2") + &sub_sup("σ", "i", "2")))]
                .concat();
        format!("{}{}", function("exp"), brackets(&exponent))
    };
    let sum = format!("{}{}", sum(&(identifier("k") + &op("≠") + &identifier("i"))), bell("i", "k"));
    display(&[conditional(), op("="), fraction(&bell("i", "j"), &sum)])
}

/// p(ij): both chances averaged, over all points.
pub(super) fn joint_p() -> String {
    let other = row(&[identifier("i"), bar(), identifier("j")]);
    let top = [conditional(), op("+"), sub("p", &other)].concat();
    let bottom = number("2") + &identifier("n");
    display(&[pair("p"), op("="), fraction(&top, &bottom)])
}

/// q(ij): the same question in the map, under Student's t.
pub(super) fn joint_q() -> String {
    let bell = |from: &str, to: &str| {
        let inside = [number("1"), op("+"), squared_norm("y", from, to)].concat();
        power(&brackets(&inside), "−1")
    };
    let sum = format!("{}{}", sum(&(identifier("k") + &op("≠") + &identifier("l"))), bell("k", "l"));
    display(&[pair("q"), op("="), fraction(&bell("i", "j"), &sum)])
}

/// The Kullback-Leibler divergence of the map from the data.
pub(super) fn divergence() -> String {
    let over = sum(&(identifier("i") + &op("≠") + &identifier("j")));
    display(&[
        function("KL"),
        brackets(&[identifier("P"), op("∥"), identifier("Q")].concat()),
        op("="),
        over,
        pair("p"),
        format!("{THIN}{}{THIN}", function("log")),
        fraction(&pair("p"), &pair("q")),
    ])
}

/// The gradient of the divergence by one point of the map.
pub(super) fn gradient() -> String {
    let top = [op("∂"), function("KL")].concat();
    let bottom = [op("∂"), sub("y", &identifier("i"))].concat();
    let spring = brackets(&[pair("p"), op("−"), pair("q")].concat());
    let reach = power(&brackets(&[number("1"), op("+"), squared_norm("y", "i", "j")].concat()), "−1");
    let direction = brackets(&difference("y", "i", "j"));
    display(&[fraction(&top, &bottom), op("="), number("4"), sum(&identifier("j")), spring, reach, direction])
}

/// Perplexity, two to the power of the entropy; and the entropy.
pub(super) fn perplexity() -> String {
    let entropy = [identifier("H"), brackets(&sub("P", &identifier("i")))].concat();
    let power = format!("<msup>{}{}</msup>", number("2"), row(std::slice::from_ref(&entropy)));
    let logarithm = format!("{THIN}<msub>{}{}</msub>{THIN}", function("log"), number("2"));
    let perplexity = [function("Perp"), brackets(&sub("P", &identifier("i"))), op("="), power];
    let entropy = [entropy, op("="), op("−"), sum(&identifier("j")), conditional(), logarithm, conditional()];
    display(&perplexity) + &display(&entropy)
}

fn display(parts: &[String]) -> String {
    format!("<math display=\"block\"><mrow>{}</mrow></math>\n", parts.concat())
}

fn identifier(name: &str) -> String {
    format!("<mi>{name}</mi>")
}

fn function(name: &str) -> String {
    format!("<mi mathvariant=\"normal\">{name}</mi>")
}

fn number(value: &str) -> String {
    format!("<mn>{value}</mn>")
}

fn op(symbol: &str) -> String {
    format!("<mo>{symbol}</mo>")
}

/// The bar of "given", without the wide spaces of an operator.
fn bar() -> String {
    "<mo lspace=\"0\" rspace=\"0\" stretchy=\"false\">|</mo>".to_owned()
}

fn row(parts: &[String]) -> String {
    format!("<mrow>{}</mrow>", parts.concat())
}

fn brackets(inside: &str) -> String {
    format!("<mrow><mo>(</mo>{inside}<mo>)</mo></mrow>")
}

fn fraction(top: &str, bottom: &str) -> String {
    format!("<mfrac><mrow>{top}</mrow><mrow>{bottom}</mrow></mfrac>")
}

fn sub(name: &str, index: &str) -> String {
    format!("<msub><mi>{name}</mi>{index}</msub>")
}

fn sub_sup(name: &str, index: &str, exponent: &str) -> String {
    format!("<msubsup><mi>{name}</mi><mi>{index}</mi><mn>{exponent}</mn></msubsup>")
}

fn power(base: &str, exponent: &str) -> String {
    format!("<msup>{base}<mn>{exponent}</mn></msup>")
}

fn sum(under: &str) -> String {
    format!("<munder><mo largeop=\"true\" movablelimits=\"false\">∑</mo><mrow>{under}</mrow></munder>")
}

/// p(j|i).
fn conditional() -> String {
    sub("p", &row(&[identifier("j"), bar(), identifier("i")]))
}

/// A symbol indexed by a pair of points.
fn pair(name: &str) -> String {
    sub(name, &row(&[identifier("i"), identifier("j")]))
}

fn difference(name: &str, from: &str, to: &str) -> String {
    [sub(name, &identifier(from)), op("−"), sub(name, &identifier(to))].concat()
}

fn squared_norm(name: &str, from: &str, to: &str) -> String {
    let fence = "<mo stretchy=\"false\" lspace=\"0\" rspace=\"0\">‖</mo>";
    power(&format!("<mrow>{fence}{}{fence}</mrow>", difference(name, from, to)), "2")
}
