//! The page in English.

use super::claims::{Basis, Claim, Trend};
use super::measure::Measure;
use super::observations::{Outcome, Undecidable, Verdict};
use super::text::{
    Bells, Data, Made, Map, Meaning, Measured, Observed, RangeWords, Reading, Sweep, Text, Theory,
};

pub(super) static TEXT: Text = Text {
    tag: "en",
    title: "t-SNE, and what perplexity does to a map",
    lead: "{name}: {n} samples of {d} features, laid out in the plane at several perplexities, and five things often \
           said about perplexity, measured.",
    contents: "On this page",
    data: Data {
        title: "The data",
        about: "<b>{name}</b> has {n} samples of {d} features each. Every feature was scaled to run from 0 to 1, and \
                the maps below were drawn from samples of it.",
        licence: "Licence of the data: {licence}.",
        printed: "The shapes, as the notebook prints them:",
        palette: "The label of a sample is shown by colour, and only by colour: t-SNE is never told it.",
        palette_alt: "The colours of the palette in the order of the labels",
        no_labels: "This data came without labels. Maps can be drawn without them, but whatever speaks of clusters \
                    can’t be measured: below, those measures are absent, and the observations that need them are \
                    left open.",
    },
    map: Map {
        title: "The map",
        caption: "{n} samples at perplexity {perplexity}, after {iterations} iterations. Each disc is one sample; \
                  axes are left out, because directions and units mean nothing here. KL divergence {kl}.",
        trustworthiness: "Trustworthiness {trustworthiness}.",
        accuracy: "Label accuracy of 10 neighbours {accuracy}.",
        alt: "Map of {n} samples at perplexity {perplexity}, coloured by label",
    },
    theory: Theory {
        title: "What t-SNE does",
        intro: "A sheet of paper has two dimensions; this data has {d}. No flat map can keep all distances among so \
                many points, so t-SNE gives most of them up and keeps one thing: <b>who is near whom</b>. It says \
                that twice, once for the data and once for the map, and then moves the points of the map until both \
                say the same.",
        data_title: "Nearness in the data",
        data: "Let every point <i>i</i> pick a neighbour at random, close ones often and distant ones hardly ever. A \
               Gaussian bell over the data point <i>x<sub>i</sub></i> gives the chance that it picks <i>j</i>:",
        symmetric: "The width <i>σ<sub>i</sub></i> is its own for each point, narrow in a crowd and wide in a desert; \
                    perplexity decides it, as the next section tells. A lonely point picks a point of the crowd \
                    sooner than the crowd picks it back, so both chances are averaged. The result is one distribution \
                    over all pairs, in which every point has its say:",
        map_title: "Nearness in the map",
        map: "The same question, asked of the map points <i>y<sub>i</sub></i>, but with another bell: Student’s \
              <i>t</i> with one degree of freedom, which falls slowly and has the same width everywhere.",
        match_title: "Making the two agree",
        divergence: "The Kullback–Leibler divergence measures how badly the map tells what the data says:",
        gradient: "It is not symmetric, and that is its point. Near in the data (large <i>p</i>) but far in the map \
                   (small <i>q</i>) costs much; far in the data but near in the map costs little. So \
                   neighbourhoods are defended, and the far is let go. The map starts small and slides downhill along \
                   the gradient:",
        forces: "Read it as springs. A pair pulls together where <i>p</i> is larger than <i>q</i>, and pushes apart \
                 where it is smaller; the third factor makes distant pairs weak. Neighbours attract, everything \
                 repels, and the map comes to rest where the two balance. In the first iterations all <i>p</i> are \
                 multiplied by a factor (early exaggeration), so that clusters gather while they can still pass \
                 through one another.",
        tail_title: "Why the heavy tail",
        crowding: "In nine dimensions ten points can all be equally far from each other; in the plane, only three \
                   can. A space of many dimensions has far more room at a middle distance than paper does. If the map \
                   used a Gaussian too, the many moderately distant points would have to crowd around every centre, \
                   and clusters would be crushed together. This is the <b>crowding problem</b>.",
        tail: "The tail of Student’s <i>t</i> is the way out. It makes a middle distance in the data into a long one \
               in the map: the same small similarity is reached much farther out. That is what opens the white gaps \
               between clusters, and also why their width is not a distance in the data.",
        bells: Bells {
            alt: "Two curves of similarity over distance. The Gaussian falls to 0.1 at distance 1.52, Student’s t only \
                  at distance 3.",
            caption: "The bell of the data, exp(−<i>r</i>²), and that of the map, 1 / (1 + <i>r</i>²). A similarity of \
                      0.1 stands at distance 1.52 under the first, at 3.00 under the second.",
            gaussian: "Gaussian",
            student: "Student’s t",
            distance: "distance r",
            similarity: "similarity",
        },
    },
    meaning: Meaning {
        title: "What perplexity means",
        before: "How many neighbours does a point really have? Count them softly, by the entropy <i>H</i> of its choice \
                 in bits:",
        after: &[
            "A fair choice among <i>k</i> points has an entropy of log<sub>2</sub> <i>k</i> bits, so its perplexity is \
             <i>k</i>. Perplexity is the <b>effective number of neighbours</b>: a smooth count that need not be whole. \
             For each point t-SNE searches the width <i>σ<sub>i</sub></i> at which the perplexity is the one asked \
             for. At perplexity 30 every point, in a crowd or in a desert, listens to about 30 others.",
            "The lecture puts it so: perplexity says <b>how far nearby points are taken to be one cluster, whatever \
             their label</b>. This is well said, for t-SNE sees no labels. Points within that reach are drawn \
             together, of the same label or not.",
            "With a small perplexity only the closest few count: the map shows fine grain, and breaks into islets, \
             some of which are nothing but chance. With a large one the neighbourhoods overlap: the broad structure \
             comes out, and small groups dissolve in larger ones. As it nears the number of points, everybody is \
             everybody’s neighbour, and there is nothing left to tell.",
        ],
        class_size: "There is a natural limit in this data. The {n} points of the maps below fall into {classes} classes, \
                     about {each} in each. At a perplexity beyond {each} a point must look for neighbours outside its \
                     own class, because there are not enough within.",
    },
    sweep: Sweep {
        title: "{count} perplexities",
        counts: ["Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten", "Eleven", "Twelve"],
        about: "The same {n} points, mapped again with nothing changed but perplexity.",
        slider: "Perplexity",
        slider_value: "perplexity {perplexity}",
        slider_alt: "The map at the perplexity chosen, coloured by label",
        scale: "Scale",
        same_scale: "one ruler for all maps",
        own_scale: "each map fills the frame",
        units: "map units",
        slider_caption: "Move the slider, also with the arrow keys. With one ruler you see the maps change in size; \
                         with every map filling the frame you see their form. Much of what is said about perplexity \
                         is true of one of these and false of the other.",
        grid_caption: "Every panel has limits of its own: compare forms here, and read sizes from the ticks.",
        grid_alt: "Maps at perplexity {perplexities}, one per panel, coloured by label",
    },
    measured: Measured {
        title: "What was measured",
        intro: "Looking is not enough: every panel is drawn at its own scale, and the eye forgives much. So each map \
                was measured.",
        no_labels: "Measures that need labels are absent, because this data has none.",
        caption: "Measures of each map. Lengths are in map units, areas in square map units.",
        perplexity: "Perplexity",
        charts: "The same numbers against perplexity, on a logarithmic axis. Lengths and areas start at zero, so that a \
                 steady proportion looks steady; the other axes run from the lowest value to the highest, so look at \
                 their numbers before their slopes.",
        chart_alt: "{measure} against perplexity, from {first} to {last}",
        definitions: "Definitions",
        cluster: ("Cluster", "All points of one label, wherever they lie in the map."),
        size: (
            "RMS radius",
            "The root mean square distance of the points from their centroid: the size of the map in one number.",
        ),
        area: (
            "Area",
            "The convex hull of the central 95 % of the points, that is, without the 5 % farthest from the centroid. Of \
             the whole map; and of each label for itself, summed.",
        ),
        within: (
            "Within, between",
            "Within: mean distance of the points to the centroid of their own label. Between: mean distance over all \
             pairs of label centroids.",
        ),
        relative: (
            "÷ RMS",
            "The same, divided by the RMS radius of the map. Enlarging a map does not change it.",
        ),
        silhouette: (
            "Silhouette",
            "How much nearer a point is to its own label than to the next one, averaged over the points: 1 is perfectly \
             apart, 0 is mixed, negative is among the wrong ones.",
        ),
        accuracy: (
            "Label accuracy",
            "The share of points whose label is the most frequent one among their 10 nearest in the map.",
        ),
        trustworthiness: (
            "Trustworthiness",
            "Whether neighbours in the map are neighbours in the data: 1 when all are, lower the farther off the \
             intruders are.",
        ),
        kl: (
            "KL divergence",
            "What t-SNE minimises, in nats. Do not compare it across perplexities: each has a <i>P</i> of its own, and \
             a smoother one is easier to match.",
        ),
        measure,
    },
    observed: Observed {
        title: "The lecture’s five observations",
        rule: "The lecture varies perplexity and says what it sees. Here each observation is set against the numbers. \
               It <b>holds here</b> when the rank correlation <i>ρ</i> (Spearman) of the measure with perplexity, over \
               the range of which the observation speaks, has the sign claimed and is at least 0.8 in magnitude; \
               else it <b>does not hold here</b>. <i>Here</i> means this data, this seed, these perplexities. Where \
               “distance” can mean map units or a share of the map’s size, both are judged, the reading nearest to the \
               lecture’s words first. \
               Ranks see the order and not the amount: a trend can be perfect and tiny, so look at where it starts and \
               ends.",
        chance: "With {n} maps, values in random order would pass this test one time in {chance}.",
        claim,
        verdict,
        basis,
        trend,
        why_undecidable,
        range: RangeWords {
            all: "Over all perplexities",
            up_to: "Over perplexity up to {to}",
            from: "Over perplexity from {from} up",
            between: "Over perplexity {from} to {to}",
        },
        columns: ["Measure", "Should", "From", "To", "ρ", "Verdict"],
        mechanism,
        teaches,
        disagree: "The readings disagree.",
    },
    reading: Reading {
        title: "How to read a map well",
        rules: &[
            (
                "Trust the near, not the far.",
                "Points drawn together are mostly neighbours in the data. That two clusters are drawn far apart says \
                 little more than that they are not one.",
            ),
            (
                "The size of a cluster is not its spread.",
                "Every point gets a width of its own, so dense and loose groups come out about equally dense. What \
                 grows with a cluster in the map is mostly its number of points.",
            ),
            (
                "A gap is not a distance.",
                "The heavy tail widens gaps. Compare distances, if at all, relative to the size of the map, and see \
                 whether they last when perplexity changes.",
            ),
            (
                "Directions have no meaning.",
                "A map may be turned or mirrored without becoming another map. There is no axis to name.",
            ),
            (
                "A small perplexity finds islets in noise.",
                "Random points clump as well at perplexity 2. A cluster worth believing is still there at 30.",
            ),
            (
                "Draw more than one.",
                "Change the perplexity, the seed and the sample. What stays is in the data; what goes was in the map.",
            ),
            (
                "Go back to the data.",
                "A map suggests; it proves nothing. Take the two groups that you found and look at their samples.",
            ),
        ],
    },
    made: Made {
        title: "How this was made",
        command: "This command makes the page again:",
        same: "The maps depend on the data, the parameters and the seed, never on the number of threads. The complete \
               record is in <code>run.json</code> beside this page.",
        parameters: "Parameters",
        seed: "seed",
        elapsed: "time taken",
        seconds: "{seconds} s",
        literature: "To read further",
        works: &[
            "G. Hinton and S. Roweis, “Stochastic neighbor embedding”, <i>NIPS</i> 2002.",
            "L. van der Maaten and G. Hinton, “Visualizing data using t-SNE”, <i>Journal of Machine Learning \
             Research</i> 9, 2008.",
            "M. Wattenberg, F. Viégas and I. Johnson, “How to use t-SNE effectively”, <i>Distill</i> 2016.",
            "D. Kobak and P. Berens, “The art of using t-SNE for single-cell transcriptomics”, <i>Nature \
             Communications</i> 10, 2019.",
        ],
    },
};

fn measure(measure: Measure) -> &'static str {
    match measure {
        Measure::Kl => "KL divergence",
        Measure::Trustworthiness => "Trustworthiness",
        Measure::RmsRadius => "RMS radius",
        Measure::Area => "Area, whole map",
        Measure::AreaByLabel => "Area, sum of labels",
        Measure::Within => "Within",
        Measure::Between => "Between",
        Measure::WithinRelative => "Within ÷ RMS",
        Measure::BetweenRelative => "Between ÷ RMS",
        Measure::Silhouette => "Silhouette",
        Measure::LabelAccuracy => "Label accuracy",
    }
}

fn claim(claim: Claim) -> &'static str {
    match claim {
        Claim::BetweenShrinks => {
            "With a small perplexity the distance between clusters grows; with a large one it shrinks."
        }
        Claim::AreaShrinks => "The smaller the perplexity, the wider the area that the map covers.",
        Claim::ClustersForm => {
            "As perplexity rises from low values, points within a cluster draw together and clusters move apart."
        }
        Claim::EverythingNarrows => {
            "Beyond 30, the space that the whole data takes shrinks, and the distances between clusters narrow with it."
        }
        Claim::ClustersBlur => "Beyond 100, clusters may become harder to tell apart.",
    }
}

fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Holds => "holds here",
        Verdict::DoesNotHold => "does not hold here",
        Verdict::Undecidable(_) => "can’t be decided here",
    }
}

fn basis(basis: Basis) -> &'static str {
    match basis {
        Basis::MapUnits => "in map units",
        Basis::Relative => "relative to the map’s size",
        Basis::WholeMap => "area of the whole map",
        Basis::EachLabel => "area summed over labels",
        Basis::Separation => "by the silhouette",
        Basis::Neighborhoods => "by the nearest neighbours",
    }
}

fn trend(trend: Trend) -> &'static str {
    match trend {
        Trend::Rises => "rise",
        Trend::Falls => "fall",
    }
}

fn why_undecidable(why: Undecidable) -> &'static str {
    match why {
        Undecidable::NotMeasured => "needs two or more labels",
        Undecidable::TooFewMaps => "fewer than three maps in the range",
    }
}

fn mechanism(claim: Claim) -> &'static str {
    match claim {
        Claim::BetweenShrinks => {
            "Distances between centroids follow two things at once: how large the whole map is, and how its parts are \
             arranged. A ruler laid on the map can’t tell the two apart; dividing by the RMS radius leaves only the \
             arrangement."
        }
        Claim::AreaShrinks => {
            "This can be foreseen. Each of a point’s neighbours holds about 1 / (<i>n</i> × perplexity) of <i>P</i>. For \
             <i>q</i> to match it, the sum of all similarities in the map has to grow with <i>n</i> × perplexity: the \
             larger the perplexity, the more company each map point needs close by. A small perplexity therefore asks \
             for a thinly populated, wide map, a large one for a dense, small map. Size is set by counting, not by \
             structure, and so there is no relative reading: divided by its own size every map is equally large."
        }
        Claim::ClustersForm => {
            "At a very small perplexity a point knows only a handful of others. A class falls into many chains and \
             islets, with nothing to tell that they belong together. When the reach grows the pieces join. Whether \
             the class then is <i>smaller</i>, and the next one <i>farther</i>, depends on what it is compared with."
        }
        Claim::EverythingNarrows => {
            "The wider the reach, the more pairs across clusters hold a share of <i>P</i>, and each of them is a spring \
             that pulls. The map contracts for the reason given above, and distances on the ruler contract with it. \
             The relative reading asks whether clusters come together faster than the map shrinks."
        }
        Claim::ClustersBlur => {
            "When the reach of a point exceeds the size of its class, part of its neighbours must be of other labels, \
             and they pull as well. The lecture says “may”, and of its own data. Read from 75 up, to have something \
             before 100 to compare with. The silhouette looks at whole clusters, the neighbours only at the nearest ten."
        }
    }
}

fn teaches(claim: Claim, outcome: Outcome) -> &'static str {
    match (claim, outcome) {
        (_, Outcome::Undecidable) => {
            "What was measured is not enough to decide this, and a guess would teach nothing."
        }
        (Claim::BetweenShrinks, Outcome::Holds) => {
            "Both readings agree: with a wider reach the clusters come nearer on the ruler, and also take up less of \
             the map between them."
        }
        (Claim::BetweenShrinks, Outcome::DoesNotHold) => {
            "In neither reading does the distance fall steadily. The distance between clusters is no dial that \
             perplexity turns in one direction."
        }
        (Claim::BetweenShrinks, Outcome::ReadingsDisagree) => {
            "One word, two answers. The whole map changes size with perplexity, and distances on the ruler change with \
             it, also where the arrangement does not follow. A distance in a t-SNE map says something only when it is \
             compared with the map it stands in."
        }
        (Claim::AreaShrinks, Outcome::Holds) => {
            "The numbers do as foreseen. So never compare the widths of two maps made at different perplexities: the \
             wider one is not the one with more variety."
        }
        (Claim::AreaShrinks, Outcome::DoesNotHold) => {
            "The argument above assumes a map in balance. Early stopping, few points or heavy duplication can keep a map \
             from its natural size; look at the table for where the series turns."
        }
        (Claim::AreaShrinks, Outcome::ReadingsDisagree) => {
            "The hull of the whole counts the white between clusters, the sum over labels counts only what they cover, \
             and counts overlaps twice. Where they part, it is the white space, or the mixing, that changes."
        }
        (Claim::ClustersForm, Outcome::Holds) => {
            "Both readings agree: up to 30 the classes tighten and part, on the ruler and in proportion."
        }
        (Claim::ClustersForm, Outcome::DoesNotHold) => {
            "At least one half of the sentence fails in each reading: the table shows which. What the eye takes for clusters \
             moving apart can be clusters becoming tighter in a map that shrinks as a whole."
        }
        (Claim::ClustersForm, Outcome::ReadingsDisagree) => {
            "This sentence and the first one seem to contradict each other: there, distances shrink as perplexity rises; \
             here, clusters move apart. They can both be right only if they do not speak of the same distance. In a \
             picture that is scaled to its frame the eye sees proportions; on the axes it reads map units."
        }
        (Claim::EverythingNarrows, Outcome::Holds) => {
            "Both readings agree: clusters come together on the ruler, and faster than the map shrinks."
        }
        (Claim::EverythingNarrows, Outcome::DoesNotHold) => {
            "In neither reading do area and distances narrow together. The table shows which of them does not."
        }
        (Claim::EverythingNarrows, Outcome::ReadingsDisagree) => {
            "A map that contracts as a whole takes its distances with it, like a photograph \
             printed smaller. Whether clusters truly come nearer is a question of proportion, and has its own answer."
        }
        (Claim::ClustersBlur, Outcome::Holds) => {
            "Both measures fall: past the size of its classes a larger reach buys nothing more."
        }
        (Claim::ClustersBlur, Outcome::DoesNotHold) => {
            "Neither measure falls steadily. The lecture was careful to say “may”: a large perplexity alone need not \
             blur clusters that are well apart in the data."
        }
        (Claim::ClustersBlur, Outcome::ReadingsDisagree) => {
            "There are two meanings of “apart”: clusters can move closer together as wholes while \
             each point still has its own kind next to it, or the reverse."
        }
    }
}
