//! The page in Korean.

use super::claims::{Basis, Claim, Trend};
use super::measure::Measure;
use super::observations::{Outcome, Undecidable, Verdict};
use super::text::{
    Bells, Data, Made, Map, Meaning, Measured, Observed, RangeWords, Reading, Sweep, Text, Theory,
};

pub(super) static TEXT: Text = Text {
    tag: "ko",
    title: "t-SNE와 perplexity: 지도는 무엇을 보여 주는가",
    lead: "{name}: 특성 {d}개를 가진 표본 {n}개를 여러 perplexity로 평면에 펼치고, perplexity에 대해 흔히 말하는 다섯 가지를 \
           직접 측정했습니다.",
    contents: "차례",
    data: Data {
        title: "데이터",
        about: "<b>{name}</b>에는 표본이 {n}개 있고, 표본마다 특성이 {d}개 있습니다. 특성마다 값을 0에서 1 사이로 맞춘 다음, \
                거기서 뽑은 표본으로 아래의 지도를 그렸습니다.",
        licence: "데이터 이용 조건: {licence}.",
        printed: "노트북이 출력하는 배열의 모양:",
        palette: "레이블은 색으로만 나타냈습니다. t-SNE는 레이블을 전혀 보지 않습니다.",
        palette_alt: "레이블 순서대로 늘어놓은 팔레트의 색",
        no_labels: "이 데이터에는 레이블이 없습니다. 지도는 레이블 없이도 그릴 수 있지만, 군집에 관한 값은 잴 수 없습니다. \
                    그래서 아래에서 그 값들은 빠져 있고, 그 값이 필요한 관찰은 판정하지 않았습니다.",
    },
    map: Map {
        title: "지도",
        caption: "표본 {n}개, perplexity {perplexity}, 반복 {iterations}회. 점 하나가 표본 하나입니다. 방향과 단위에는 뜻이 \
                  없으므로 축은 그리지 않았습니다. KL 발산 {kl}.",
        trustworthiness: "신뢰도(trustworthiness) {trustworthiness}.",
        accuracy: "이웃 10개로 맞힌 레이블 정확도 {accuracy}.",
        alt: "표본 {n}개의 perplexity {perplexity} 지도, 색은 레이블",
    },
    theory: Theory {
        title: "t-SNE는 무엇을 하는가",
        intro: "종이는 2차원이고 이 데이터는 {d}차원입니다. 이렇게 많은 점 사이의 거리를 평면 지도 한 장에 모두 담을 수는 없습니다. \
                그래서 t-SNE는 거리 대부분을 포기하고 한 가지만 지킵니다. 바로 <b>누가 누구의 이웃인가</b>입니다. 이것을 한 번은 \
                데이터에서, 한 번은 지도에서 확률로 적은 다음, 둘이 같아질 때까지 지도의 점을 움직입니다.",
        data_title: "데이터에서의 가까움",
        data: "점 <i>i</i>가 이웃 하나를 무작위로 고른다고 합시다. 가까운 점은 자주, 먼 점은 거의 고르지 않습니다. 데이터 점 \
               <i>x<sub>i</sub></i>에 가우스 종 모양을 씌우면 <i>j</i>를 고를 확률은 다음과 같습니다.",
        symmetric: "종의 폭 <i>σ<sub>i</sub></i>는 점마다 다릅니다. 붐비는 곳에서는 좁고 한산한 곳에서는 넓으며, 그 값은 \
                    perplexity가 정합니다(다음 절). 외딴 점은 무리 속의 점을 쉽게 고르지만 무리 속의 점은 외딴 점을 좀처럼 고르지 \
                    않으므로 두 확률을 평균합니다. 그러면 모든 쌍에 대한 하나의 분포가 되고, 어떤 점도 무시되지 않습니다.",
        map_title: "지도에서의 가까움",
        map: "지도 위의 점 <i>y<sub>i</sub></i>에도 같은 것을 묻습니다. 다만 종의 모양이 다릅니다. 천천히 줄어들고 어디서나 폭이 같은, \
              자유도 1인 스튜던트 <i>t</i> 분포를 씁니다.",
        match_title: "두 분포를 맞추기",
        divergence: "지도가 데이터의 말을 얼마나 잘못 옮기는지는 쿨백–라이블러 발산으로 잽니다.",
        gradient: "이 값은 두 분포에 대해 대칭이 아니며, 바로 그 점이 중요합니다. 데이터에서 가까운데(<i>p</i>가 큼) 지도에서 \
                   멀면(<i>q</i>가 작음) 벌이 크고, 데이터에서 먼데 지도에서 가까우면 벌이 작습니다. 그래서 이웃 관계는 지켜지고 먼 \
                   관계는 놓아줍니다. 지도는 아주 작게 시작해서 기울기를 따라 내려갑니다.",
        forces: "용수철로 읽어 보세요. <i>p</i>가 <i>q</i>보다 크면 그 쌍은 서로 당기고, 작으면 서로 밉니다. 세 번째 인자 때문에 먼 \
                 쌍의 힘은 약합니다. 이웃은 당기고 모두는 서로 밀며, 두 힘이 균형을 이루는 곳에서 지도가 멈춥니다. 처음 얼마 동안은 \
                 모든 <i>p</i>에 일정한 수를 곱해(early exaggeration), 아직 서로를 지나갈 수 있을 때 군집이 모이게 합니다.",
        tail_title: "꼬리는 왜 두꺼운가",
        crowding: "9차원에서는 점 열 개가 서로 똑같은 거리에 놓일 수 있지만, 평면에서는 세 개까지만 가능합니다. 차원이 높으면 \
                   ‘적당히 먼’ 거리에 있는 자리가 종이보다 훨씬 많습니다. 지도에서도 가우스 분포를 쓰면 적당히 먼 수많은 점이 중심마다 \
                   몰려들어 군집이 서로 짓눌립니다. 이것이 <b>밀집 문제(crowding problem)</b>입니다.",
        tail: "스튜던트 <i>t</i>의 두꺼운 꼬리가 해결책입니다. 똑같이 작은 유사도가 지도에서는 훨씬 먼 곳에 놓이므로, 데이터에서 적당히 \
               먼 것이 지도에서는 아주 멀어집니다. 군집 사이의 흰 틈은 이렇게 생깁니다. 그래서 틈의 폭은 데이터에서의 거리가 아닙니다.",
        bells: Bells {
            alt: "거리에 따른 유사도 곡선 두 개. 가우스는 거리 1.52에서 0.1이 되고, 스튜던트 t는 거리 3에서야 0.1이 됩니다.",
            caption: "데이터의 종 exp(−<i>r</i>²)과 지도의 종 1 / (1 + <i>r</i>²). 유사도 0.1은 앞의 종에서는 거리 1.52에, 뒤의 \
                      종에서는 거리 3.00에 있습니다.",
            gaussian: "가우스",
            student: "스튜던트 t",
            distance: "거리 r",
            similarity: "유사도",
        },
    },
    meaning: Meaning {
        title: "Perplexity의 의미",
        before: "한 점의 이웃은 실제로 몇 개일까요? 그 점이 이웃을 고르는 확률의 엔트로피 <i>H</i>(비트)로 부드럽게 셉니다.",
        after: &[
            "<i>k</i>개 가운데 하나를 똑같은 확률로 고르면 엔트로피는 log<sub>2</sub> <i>k</i>비트이고 perplexity는 <i>k</i>입니다. 곧 \
             perplexity는 <b>실질적인 이웃의 수</b>이며, 정수가 아니어도 됩니다. t-SNE는 점마다 perplexity가 정해 준 값이 되는 폭 \
             <i>σ<sub>i</sub></i>를 찾습니다. Perplexity가 30이면 붐비는 곳의 점이든 한산한 곳의 점이든 모두 30개쯤 되는 점에 귀를 \
             기울입니다.",
            "강의의 표현은 이렇습니다. Perplexity는 <b>가까운 점을 그 레이블에 상관없이 같은 군집이라고 가정하는 척도</b>입니다. 정확한 \
             말입니다. t-SNE는 레이블을 보지 않으므로, 레이블이 같든 다르든 그 범위 안에 드는 점들을 끌어모읍니다.",
            "Perplexity가 작으면 아주 가까운 몇 개만 셉니다. 지도는 결이 고와지고 작은 섬으로 부서지는데, 그중에는 우연히 생긴 섬도 \
             있습니다. 크면 이웃의 범위가 서로 겹칩니다. 큰 구조가 드러나는 대신 작은 무리는 큰 무리에 녹아듭니다. 점의 수에 가까워지면 \
             모두가 모두의 이웃이 되어 구별할 것이 남지 않습니다.",
        ],
        class_size: "이 데이터에는 자연스러운 한계가 있습니다. 아래 지도의 점 {n}개는 {classes}가지 레이블로 나뉘어, 레이블마다 {each}개쯤 됩니다. \
                     Perplexity가 그보다 크면 같은 레이블의 점만으로는 이웃을 다 채울 수 없어, 다른 레이블에서도 이웃을 찾아야 합니다.",
    },
    sweep: Sweep {
        title: "{count} 가지 perplexity",
        counts: ["세", "네", "다섯", "여섯", "일곱", "여덟", "아홉", "열", "열한", "열두"],
        about: "같은 점 {n}개를 perplexity만 바꾸어 다시 그렸습니다.",
        slider: "Perplexity",
        slider_value: "perplexity {perplexity}",
        slider_alt: "고른 perplexity의 지도, 색은 레이블",
        scale: "축척",
        same_scale: "모든 지도에 같은 자",
        own_scale: "지도마다 화면에 꽉 차게",
        units: "지도 단위",
        slider_caption: "슬라이더를 움직여 보세요. 화살표 키로도 움직입니다. 같은 자로 보면 지도의 크기가 변하는 것이 보이고, 화면에 꽉 \
                         채우면 모양이 변하는 것이 보입니다. Perplexity에 대한 이야기 가운데 많은 것이 한쪽에서는 맞고 다른 쪽에서는 \
                         틀립니다.",
        grid_caption: "칸마다 축의 범위가 다릅니다. 여기서는 모양을 견주고, 크기는 눈금에서 읽으세요.",
        grid_alt: "perplexity {perplexities}의 지도를 한 칸에 하나씩 그린 그림, 색은 레이블",
    },
    measured: Measured {
        title: "무엇을 측정했는가",
        intro: "눈으로만 보아서는 부족합니다. 칸마다 축척이 다르고, 눈은 너그럽습니다. 그래서 지도마다 값을 측정했습니다.",
        no_labels: "이 데이터에는 레이블이 없으므로 레이블이 필요한 값은 빠져 있습니다.",
        caption: "지도마다 측정한 값. 길이는 지도 단위, 면적은 지도 단위의 제곱입니다.",
        perplexity: "Perplexity",
        charts: "같은 값을 perplexity에 대해 그렸습니다. 가로축은 로그 눈금입니다. 길이와 면적은 세로축을 0에서 시작해, 비율이 그대로이면 \
                 그대로 보이게 했습니다. 나머지는 가장 작은 값에서 가장 큰 값까지이니 기울기보다 숫자를 먼저 보세요.",
        chart_alt: "perplexity에 따른 {measure}, {first}에서 {last}까지",
        definitions: "정의",
        cluster: ("군집", "레이블이 같은 모든 점. 지도의 어디에 있든 상관없습니다."),
        size: ("RMS 반지름", "중심에서 점까지 거리의 제곱평균제곱근. 지도의 크기를 나타내는 수 하나입니다."),
        area: (
            "면적",
            "중심에서 가장 먼 5 %를 뺀, 가운데 95 % 점들의 볼록 껍질의 넓이. 지도 전체에 대해 한 번, 레이블마다 따로 재어 더한 값으로 또 한 번 \
             측정했습니다.",
        ),
        within: (
            "군집 내, 군집 간",
            "군집 내: 점에서 자기 레이블의 중심까지 거리의 평균. 군집 간: 레이블 중심의 모든 쌍 사이 거리의 평균.",
        ),
        relative: ("÷ RMS", "같은 값을 지도의 RMS 반지름으로 나눈 것. 지도를 확대해도 변하지 않습니다."),
        silhouette: (
            "실루엣",
            "점이 다음으로 가까운 레이블보다 자기 레이블에 얼마나 더 가까운지를 평균한 값. 1이면 완전히 갈라져 있고, 0이면 섞여 있고, \
             음수이면 남의 군집에 들어가 있습니다.",
        ),
        accuracy: (
            "레이블 정확도",
            "지도에서 가장 가까운 10개의 점 가운데 가장 많은 레이블이 자기 레이블과 같은 점의 비율.",
        ),
        trustworthiness: (
            "신뢰도",
            "지도의 이웃이 데이터에서도 이웃인가(trustworthiness). 모두 그러면 1이고, 끼어든 점이 데이터에서 멀수록 낮아집니다.",
        ),
        kl: (
            "KL 발산",
            "t-SNE가 줄이려는 값(내트). Perplexity가 다른 지도끼리는 견줄 수 없습니다. 저마다 <i>P</i>가 다르고, 더 매끄러운 <i>P</i>일수록 \
             맞추기 쉽기 때문입니다.",
        ),
        measure,
    },
    observed: Observed {
        title: "강의의 다섯 가지 관찰",
        rule: "강의에서는 perplexity를 바꾸어 가며 눈에 보이는 것을 말합니다. 여기서는 그 관찰을 하나씩 숫자와 맞대어 봅니다. 관찰이 말하는 \
               범위에서 잰 값과 perplexity의 순위 상관계수 <i>ρ</i>(스피어만)가 관찰과 같은 부호이고 크기가 0.8 이상이면 <b>여기서는 \
               성립</b>, 아니면 <b>여기서는 성립하지 않음</b>입니다. ‘여기’란 이 데이터, 이 시드, 이 perplexity들을 뜻합니다. ‘거리’를 \
               지도 단위로도, 지도 크기에 대한 비율로도 볼 수 있을 때는 둘 다 판정하고, 강의의 말에 더 가까운 쪽을 먼저 적었습니다. \
               순위는 차례만 보고 크기는 보지 않습니다. 추세가 완벽해도 변화는 아주 작을 수 있으니 처음 값과 끝 값을 함께 보세요.",
        chance: "값이 아무 순서로나 늘어섰을 때 지도 {n}장이 이 기준을 통과할 확률은 {chance}분의 1입니다.",
        claim,
        verdict,
        basis,
        trend,
        why_undecidable,
        range: RangeWords {
            all: "모든 perplexity에서",
            up_to: "Perplexity {to} 이하에서",
            from: "Perplexity {from} 이상에서",
            between: "Perplexity {from}~{to}에서",
        },
        columns: ["측정값", "관찰", "처음", "끝", "ρ", "판정"],
        mechanism,
        teaches,
        disagree: "어떻게 읽느냐에 따라 답이 갈립니다.",
    },
    reading: Reading {
        title: "지도를 제대로 읽는 법",
        rules: &[
            (
                "가까운 것은 믿고, 먼 것은 믿지 마세요.",
                "함께 그려진 점들은 대개 데이터에서도 이웃입니다. 두 군집이 멀리 떨어져 있다는 것은 하나가 아니라는 것 말고는 알려 주는 것이 \
                 별로 없습니다.",
            ),
            (
                "군집의 크기는 퍼진 정도가 아닙니다.",
                "점마다 종의 폭이 달라서, 촘촘한 무리도 성긴 무리도 지도에서는 비슷하게 촘촘해집니다. 지도에서 군집의 크기는 대체로 점의 \
                 개수를 따라갑니다.",
            ),
            (
                "틈은 거리가 아닙니다.",
                "두꺼운 꼬리가 틈을 넓힙니다. 굳이 거리를 견주려면 지도 크기에 대한 비율로 견주고, perplexity가 바뀌어도 그대로인지 보세요.",
            ),
            ("방향에는 뜻이 없습니다.", "지도를 돌리거나 뒤집어도 같은 지도입니다. 이름 붙일 축이 없습니다."),
            (
                "Perplexity가 작으면 잡음에서도 섬이 보입니다.",
                "Perplexity 2에서는 무작위로 뿌린 점도 뭉칩니다. 믿을 만한 군집은 30에서도 남아 있습니다.",
            ),
            (
                "한 장만 그리지 마세요.",
                "Perplexity와 시드와 표본을 바꾸어 보세요. 남는 것은 데이터에 있던 것이고, 사라지는 것은 지도에만 있던 것입니다.",
            ),
            (
                "데이터로 돌아가세요.",
                "지도는 귀띔할 뿐 증명하지 않습니다. 찾아낸 두 무리의 표본을 직접 들여다보세요.",
            ),
        ],
    },
    made: Made {
        title: "이 페이지를 만든 방법",
        command: "다음 명령으로 이 페이지를 다시 만들 수 있습니다.",
        same: "지도는 데이터와 매개변수와 시드로만 정해지고, 스레드 수와는 상관없습니다. 전체 기록은 이 페이지와 함께 있는 \
               <code>run.json</code>에 있습니다.",
        parameters: "매개변수",
        seed: "시드",
        elapsed: "걸린 시간",
        seconds: "{seconds}초",
        literature: "더 읽을거리",
        works: &[
            "G. Hinton, S. Roweis, “Stochastic neighbor embedding”, <i>NIPS</i> 2002.",
            "L. van der Maaten, G. Hinton, “Visualizing data using t-SNE”, <i>Journal of Machine Learning Research</i> 9, \
             2008.",
            "M. Wattenberg, F. Viégas, I. Johnson, “How to use t-SNE effectively”, <i>Distill</i> 2016.",
            "D. Kobak, P. Berens, “The art of using t-SNE for single-cell transcriptomics”, <i>Nature Communications</i> 10, \
             2019.",
        ],
    },
};

fn measure(measure: Measure) -> &'static str {
    match measure {
        Measure::Kl => "KL 발산",
        Measure::Trustworthiness => "신뢰도",
        Measure::RmsRadius => "RMS 반지름",
        Measure::Area => "면적, 전체",
        Measure::AreaByLabel => "면적, 레이블 합",
        Measure::Within => "군집 내",
        Measure::Between => "군집 간",
        Measure::WithinRelative => "군집 내 ÷ RMS",
        Measure::BetweenRelative => "군집 간 ÷ RMS",
        Measure::Silhouette => "실루엣",
        Measure::LabelAccuracy => "레이블 정확도",
    }
}

fn claim(claim: Claim) -> &'static str {
    match claim {
        Claim::BetweenShrinks => "Perplexity가 작으면 군집 간 거리가 멀어지고, 크면 가까워진다.",
        Claim::AreaShrinks => "Perplexity가 작을수록 분포의 면적이 넓어진다.",
        Claim::ClustersForm => {
            "Perplexity가 낮은 값에서부터 조금씩 증가할수록 군집 내 거리는 가까워지고 군집 간 거리는 멀어진다."
        }
        Claim::EverythingNarrows => {
            "Perplexity가 30을 넘어가면 전체 데이터가 차지하는 공간이 작아지면서 군집 간 거리도 좁아진다."
        }
        Claim::ClustersBlur => "Perplexity가 100을 넘으면 오히려 군집 간 식별력이 떨어질 수 있다.",
    }
}

fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Holds => "여기서는 성립",
        Verdict::DoesNotHold => "여기서는 성립하지 않음",
        Verdict::Undecidable(_) => "여기서는 판정할 수 없음",
    }
}

fn basis(basis: Basis) -> &'static str {
    match basis {
        Basis::MapUnits => "지도 단위로",
        Basis::Relative => "지도 크기에 대한 비율로",
        Basis::WholeMap => "지도 전체의 면적으로",
        Basis::EachLabel => "레이블별 면적의 합으로",
        Basis::Separation => "실루엣으로",
        Basis::Neighborhoods => "가장 가까운 이웃으로",
    }
}

fn trend(trend: Trend) -> &'static str {
    match trend {
        Trend::Rises => "커진다",
        Trend::Falls => "작아진다",
    }
}

fn why_undecidable(why: Undecidable) -> &'static str {
    match why {
        Undecidable::NotMeasured => "레이블이 둘 이상 필요함",
        Undecidable::TooFewMaps => "범위 안의 지도가 세 장이 안 됨",
    }
}

fn mechanism(claim: Claim) -> &'static str {
    match claim {
        Claim::BetweenShrinks => {
            "군집 중심 사이의 거리는 두 가지를 한꺼번에 담고 있습니다. 지도 전체가 얼마나 큰가, 그리고 그 안이 어떻게 배치되어 있는가입니다. \
             지도에 자를 대면 둘을 가려낼 수 없습니다. RMS 반지름으로 나누면 배치만 남습니다."
        }
        Claim::AreaShrinks => {
            "이것은 미리 내다볼 수 있습니다. 한 점의 이웃은 저마다 <i>P</i>의 약 1 / (<i>n</i> × perplexity)을 차지합니다. <i>q</i>가 이에 \
             맞으려면 지도에서 유사도의 총합이 <i>n</i> × perplexity를 따라 커져야 합니다. 곧 perplexity가 클수록 지도의 점은 곁에 더 많은 \
             점이 있어야 합니다. 그래서 perplexity가 작으면 성기고 넓은 지도가 되고, 크면 촘촘하고 작은 지도가 됩니다. 크기는 구조가 아니라 \
             개수가 정합니다. 자기 크기로 나누면 어떤 지도든 크기가 같으므로, 여기에는 비율로 읽는 방법이 없습니다."
        }
        Claim::ClustersForm => {
            "Perplexity가 아주 작으면 한 점은 다른 점 몇 개밖에 모릅니다. 한 레이블이 여러 사슬과 섬으로 흩어지고, 그것들이 한 무리라는 것을 \
             알려 줄 것이 없습니다. 범위가 넓어지면 조각이 이어집니다. 그때 군집이 ‘작아지는지’, 옆 군집이 ‘멀어지는지’는 무엇에 견주느냐에 \
             달려 있습니다."
        }
        Claim::EverythingNarrows => {
            "범위가 넓을수록 서로 다른 군집의 쌍도 <i>P</i>를 나누어 갖고, 그 하나하나가 당기는 용수철이 됩니다. 지도는 앞에서 말한 까닭으로 \
             줄어들고, 자로 잰 거리도 함께 줄어듭니다. 비율로 읽는 것은 군집이 지도보다 더 빨리 모이는지를 묻는 것입니다."
        }
        Claim::ClustersBlur => {
            "한 점의 범위가 자기 레이블의 점 수보다 커지면 이웃의 일부는 다른 레이블일 수밖에 없고, 그 이웃도 똑같이 당깁니다. 강의는 자기 \
             데이터에 대해 ‘떨어질 수 있음’이라고 조심스럽게 말합니다. 100 앞의 값과 견줄 수 있도록 75부터 읽었습니다. 실루엣은 군집 전체를 \
             보고, 이웃은 가장 가까운 열 개만 봅니다."
        }
    }
}

fn teaches(claim: Claim, outcome: Outcome) -> &'static str {
    match (claim, outcome) {
        (_, Outcome::Undecidable) => {
            "측정한 값만으로는 판정할 수 없습니다. 짐작으로는 아무것도 배울 수 없습니다."
        }
        (Claim::BetweenShrinks, Outcome::Holds) => {
            "어느 쪽으로 읽어도 답이 같습니다. 범위가 넓어지면 군집은 자로 재어도 가까워지고, 지도에서 차지하는 사이 간격의 비율도 줄어듭니다."
        }
        (Claim::BetweenShrinks, Outcome::DoesNotHold) => {
            "어느 쪽으로 읽어도 거리가 꾸준히 줄지는 않습니다. 군집 간 거리는 perplexity로 한 방향으로만 돌릴 수 있는 손잡이가 아닙니다."
        }
        (Claim::BetweenShrinks, Outcome::ReadingsDisagree) => {
            "말은 하나인데 답은 둘입니다. Perplexity에 따라 지도 전체의 크기가 변하고, 배치가 따라 변하지 않아도 자로 잰 거리는 함께 변합니다. \
             t-SNE 지도의 거리는 그것이 놓인 지도의 크기에 견줄 때에만 뜻이 있습니다."
        }
        (Claim::AreaShrinks, Outcome::Holds) => {
            "내다본 대로입니다. 그러니 perplexity가 다른 두 지도의 면적을 견주지 마세요. 더 넓은 지도가 더 다양한 데이터라는 뜻이 아닙니다."
        }
        (Claim::AreaShrinks, Outcome::DoesNotHold) => {
            "위의 설명은 균형에 이른 지도를 두고 한 말입니다. 일찍 멈추었거나, 점이 적거나, 같은 점이 많이 겹치면 지도가 제 크기에 이르지 못할 \
             수 있습니다. 어디서 방향이 바뀌는지 표에서 찾아보세요."
        }
        (Claim::AreaShrinks, Outcome::ReadingsDisagree) => {
            "전체의 볼록 껍질은 군집 사이의 흰 곳까지 세고, 레이블별 합은 군집이 덮은 곳만 세되 겹친 곳은 두 번 셉니다. 둘이 엇갈린다면 변한 것은 \
             흰 곳이거나 섞인 정도입니다."
        }
        (Claim::ClustersForm, Outcome::Holds) => {
            "어느 쪽으로 읽어도 답이 같습니다. 30까지는 자로 재어도 비율로 보아도 군집이 오므라들고 서로 갈라집니다."
        }
        (Claim::ClustersForm, Outcome::DoesNotHold) => {
            "어느 쪽으로 읽어도 문장의 절반 이상이 성립하지 않습니다. 어느 쪽인지는 위의 표에 있습니다. 군집이 멀어지는 것처럼 보여도, 전체가 \
             줄어드는 지도에서 군집이 더 오므라든 것일 수 있습니다."
        }
        (Claim::ClustersForm, Outcome::ReadingsDisagree) => {
            "이 문장은 첫 번째 관찰과 어긋나 보입니다. 거기서는 perplexity가 커질수록 거리가 줄고, 여기서는 군집이 멀어집니다. 둘 다 맞으려면 \
             서로 다른 거리를 말하는 것이어야 합니다. 화면에 맞추어 그린 그림에서 눈은 비율을 보고, 축의 눈금에서는 지도 단위를 읽습니다."
        }
        (Claim::EverythingNarrows, Outcome::Holds) => {
            "어느 쪽으로 읽어도 답이 같습니다. 군집은 자로 재어도 가까워지고, 지도가 줄어드는 것보다 더 빨리 모입니다."
        }
        (Claim::EverythingNarrows, Outcome::DoesNotHold) => {
            "어느 쪽으로 읽어도 면적과 거리가 함께 줄지는 않습니다. 어느 것이 그렇지 않은지 표에 나와 있습니다."
        }
        (Claim::EverythingNarrows, Outcome::ReadingsDisagree) => {
            "전체가 줄어드는 지도는 사진을 작게 인화하듯 거리도 함께 줄입니다. 군집이 정말로 가까워지는지는 비율의 문제이고, \
             그 답은 따로 있습니다."
        }
        (Claim::ClustersBlur, Outcome::Holds) => {
            "두 값이 모두 떨어집니다. 레이블의 크기를 넘어서면 범위를 더 넓혀도 얻는 것이 없습니다."
        }
        (Claim::ClustersBlur, Outcome::DoesNotHold) => {
            "두 값 모두 꾸준히 떨어지지는 않습니다. 강의도 ‘떨어질 수 있음’이라고 했습니다. 데이터에서 잘 갈라진 군집은 perplexity가 크다는 \
             것만으로 흐려지지 않습니다."
        }
        (Claim::ClustersBlur, Outcome::ReadingsDisagree) => {
            "‘식별’에는 두 가지 뜻이 있습니다. 군집끼리는 가까워져도 점마다 바로 옆에는 같은 레이블이 있을 수 있고, 그 \
             반대일 수도 있습니다."
        }
    }
}
